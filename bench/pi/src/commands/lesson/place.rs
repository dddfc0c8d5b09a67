//! Where the programs of the lesson are, and the Python that runs them. They are in a clone of libpi, and are
//! not installed.

use anyhow::anyhow;
use pi_harness::failure::CheckFailed;
use pi_harness::process::{LONGEST_ASKING, Program, first_line_of, is_installed};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The oldest Python that can run the exercises.
const OLDEST: (u32, u32) = (3, 11);

/// A clone of libpi.
pub(super) struct Clone {
    root: PathBuf,
}

impl Clone {
    /// The clone in which this program was built, or else the one around the current folder.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn find() -> anyhow::Result<Self> {
        let own = Program::own().ok().map(|own| own.path().to_owned());
        let here = env::current_dir().ok();
        let starts = own.into_iter().chain(here);
        let root = starts.into_iter().find_map(|start| root_above(&start)).ok_or_else(|| {
            CheckFailed(
                "the exercises are Python programs in a clone of libpi (python/ladder/exercises), and \
                 neither this pi nor the current folder is in one: clone libpi, run `make setup build` \
                 there, and start this again in that folder"
                    .to_owned(),
            )
        })?;
        Ok(Self { root })
    }

    /// The program of an exercise.
    ///
    /// # Errors
    /// If the clone lacks it.
    pub(super) fn program(&self, file: &str) -> anyhow::Result<PathBuf> {
        let path = folder(&self.root).join(file);
        if path.is_file() {
            return Ok(path);
        }
        let why = format!("there is no {}: update the clone (git pull)", path.display());
        Err(CheckFailed(why).into())
    }

    /// The Python of the clone's virtual environment, or else `python3`.
    ///
    /// # Errors
    /// If there is none, or if it is too old.
    pub(super) fn python(&self, interrupted: &AtomicBool) -> anyhow::Result<OsString> {
        let own = self.root.join(".venv/bin/python");
        let python: OsString = if own.is_file() { own.into() } else { "python3".into() };
        if !is_installed(&python) {
            return Err(CheckFailed(
                "the exercises need Python, and there is neither .venv nor python3: run `make setup` in \
                 the clone, which installs it (Debian: apt-get install python3-venv)"
                    .to_owned(),
            )
            .into());
        }
        let ask = "import sys; print(*sys.version_info[:2])";
        let asked = [python.clone(), "-c".into(), ask.into()];
        let said = first_line_of(&asked, LONGEST_ASKING, interrupted).map_err(CheckFailed)?;
        let (major, minor) = OLDEST;
        match version(&said) {
            Some(found) if found >= OLDEST => Ok(python),
            Some((older, than)) => Err(CheckFailed(format!(
                "{} is Python {older}.{than}, and the exercises need {major}.{minor} or later: install a \
                 later python3, then run `make setup` in the clone",
                python.display()
            ))
            .into()),
            None => Err(anyhow!("{} says '{said}' for its version", python.display())),
        }
    }
}

fn version(said: &str) -> Option<(u32, u32)> {
    let (major, minor) = said.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn folder(root: &Path) -> PathBuf {
    root.join("python/ladder/exercises")
}

/// The root of the clone that holds a path.
fn root_above(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|root| folder(root).is_dir()).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_found_from_any_folder_in_it() {
        let clone = tempfile::tempdir().unwrap();
        let inside = clone.path().join("target/release/pi");
        assert_eq!(root_above(&inside), None);
        std::fs::create_dir_all(folder(clone.path())).unwrap();
        assert_eq!(root_above(&inside).as_deref(), Some(clone.path()));
        assert_eq!(root_above(clone.path()).as_deref(), Some(clone.path()));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("3 14"), Some((3, 14)));
        assert!(version("3 9") < Some(OLDEST) && version("3 14") > Some(OLDEST));
        assert_eq!(version("Python 3"), None);
    }
}
