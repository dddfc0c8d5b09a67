//! The clone of libpi's repository that this pi belongs to. Programs that are not compiled, such as the
//! ladder's, stay in it.

use crate::process::Program;
use std::path::{Path, PathBuf};

/// A file that every clone has.
const MARK: &str = "python/ladder/ladder.toml";

/// What stands for the folder of the clone at the beginning of a path in a suite or in a table of runners.
pub const CLONE: &str = "{clone}";

/// Why there is no clone, and what to do.
pub const MISSING: &str = "this pi is not in a clone of libpi, and the clone in which it was built is \
                           gone: clone libpi, and run make setup build there";

/// The folder of the clone: the nearest one above pi, else the one in which pi was built. None if both are
/// gone.
pub fn clone_folder() -> Option<PathBuf> {
    let own = Program::own().map(Program::path).unwrap_or(Path::new(""));
    let built_in = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut folders = own.ancestors().map(Path::to_owned).chain(built_in.canonicalize());
    folders.find(|folder| folder.join(MARK).is_file())
}

/// The path that a text names which begins with [`CLONE`]. None if it begins otherwise, or if there is no
/// clone.
pub fn in_clone(text: &str) -> Option<PathBuf> {
    let rest = text.strip_prefix(CLONE)?;
    Some(clone_folder()?.join(rest.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_run_in_a_clone() {
        let folder = clone_folder().unwrap();
        assert!(folder.is_absolute());
        assert!(folder.join("bench/runners.toml").is_file(), "{}", folder.display());
    }
}
