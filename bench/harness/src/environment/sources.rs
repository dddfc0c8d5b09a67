//! The sources and the executable of the command.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs;

/// The sources and the executable of the command.
#[derive(Debug, Serialize)]
pub struct Sources {
    /// The git revision of the sources.
    pub built_revision: Option<&'static str>,
    /// Whether the sources differed from that revision when they were built.
    pub built_dirty: bool,
    /// SHA-256 of the executable.
    pub binary_sha256: Option<String>,
}

impl Sources {
    pub(super) fn here() -> Self {
        let built = Some(env!("PI_BUILT_REVISION")).filter(|revision| !revision.is_empty());
        // This is the file that runs, even if its path leads to another file by now.
        let executable = fs::read("/proc/self/exe").ok();
        Self {
            built_revision: built,
            built_dirty: env!("PI_BUILT_DIRTY") == "true",
            binary_sha256: executable.map(|bytes| hexadecimal(&Sha256::digest(bytes))),
        }
    }
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of the empty string, from FIPS 180-4's examples.
    #[test]
    fn hashes_are_written_in_hexadecimal() {
        assert!(hexadecimal(&Sha256::digest(b"")).starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }
}
