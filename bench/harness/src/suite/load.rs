//! `[[load]]` in a suite's file: kernels from shared libraries.

use super::names;
use crate::clone::in_clone;
use crate::loaded::{Place, Wanted};
use crate::process::{LONGEST_ASKING, first_line_of};
use anyhow::anyhow;
use serde::Deserialize;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A kernel from a shared library, as a suite's file describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadTable {
    name: String,
    /// The shared library, relative to the suite's file.
    file: String,
    symbol: String,
    language: Option<String>,
    /// The generator or the problem that it counts.
    #[serde(alias = "problem")]
    generator: Option<String>,
    version: Option<Version>,
    /// How to build the library.
    build: Option<String>,
}

/// The version of a kernel or of its compiler: a text, or a command that prints it.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a version is a text, or a list of words: a command that prints it")]
enum Version {
    Text(String),
    Command(Vec<String>),
}

impl LoadTable {
    /// The kernel to load, of a suite in this folder.
    ///
    /// # Errors
    /// If a name or a text breaks a rule.
    pub(super) fn wanted(&self, folder: &Path) -> anyhow::Result<Wanted> {
        let file = in_clone(&self.file).unwrap_or_else(|| folder.join(&self.file));
        let place = Place::new(file, &self.symbol).map_err(|error| anyhow!("{error}"))?;
        let wanted = Wanted::new(self.generator.as_deref(), &self.name, place)?;
        let language = self.language.clone().unwrap_or(wanted.language);
        names::check_text("language", &language)?;
        let version = self.version.as_ref().map_or(String::new(), Version::text);
        Ok(Wanted { language, version, build: self.build.clone(), ..wanted })
    }
}

impl Version {
    /// The text, or the first line that the command prints; empty if it fails.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Command(words) if words.is_empty() => String::new(),
            Self::Command(words) => {
                let words: Vec<OsString> = words.iter().map(Into::into).collect();
                first_line_of(&words, LONGEST_ASKING, &AtomicBool::new(false)).unwrap_or_default()
            }
        }
    }
}
