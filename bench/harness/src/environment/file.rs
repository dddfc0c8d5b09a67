//! Files in which the system tells of itself.

use std::fs;
use std::path::Path;

/// A file's text without the spaces around it.
pub(super) fn read(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}
