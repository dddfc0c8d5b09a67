//! A folder for the checkpoint of a count.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for one checkpoint. Its name is a word that only the processes of one test have.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self) -> PathBuf {
        self.folder().join("run.json")
    }

    pub fn shown(&self) -> String {
        self.file().to_str().unwrap().to_owned()
    }

    /// The names of all files in the folder.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The options that begin a count, or go on with it if there is something to go on with.
    pub fn options(&self, amount: &str) -> String {
        match self.file().exists() {
            true => format!("--resume {}", self.shown()),
            false => format!("{amount} --checkpoint {}", self.shown()),
        }
    }

    /// The number of samples that the checkpoint has; 0 if there is none yet.
    pub fn done(&self) -> u64 {
        let text = fs::read(self.file()).unwrap_or_default();
        let read: Value = serde_json::from_slice(&text).unwrap_or_default();
        read["done"].as_u64().unwrap_or(0)
    }
}
