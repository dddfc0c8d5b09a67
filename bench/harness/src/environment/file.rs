//! Small files in which the system describes itself.

use std::fs;
use std::path::Path;

/// The text of a file, without the spaces around it.
pub(super) fn read(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}
