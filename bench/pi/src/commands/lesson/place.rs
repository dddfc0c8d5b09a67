//! Where the programs of the lesson are, and the Python that runs them. They are in a clone of libpi, and are
//! not installed.

use anyhow::anyhow;
use pi_harness::clone::{MISSING, clone_folder};
use pi_harness::failure::CheckFailed;
use pi_harness::process::{LONGEST_ASKING, first_line_of, is_installed};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// The folder of the exercises in a clone.
const FOLDER: &str = "python/ladder/exercises";

/// The oldest Python that can run the exercises.
const OLDEST: (u32, u32) = (3, 11);

/// A clone of libpi.
pub(super) struct Clone {
    root: PathBuf,
}

impl Clone {
    /// The clone to which this pi belongs.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn find() -> anyhow::Result<Self> {
        let Some(root) = clone_folder() else {
            let why = format!("the exercises are Python programs in {FOLDER}, and {MISSING}");
            return Err(CheckFailed(why).into());
        };
        Ok(Self { root })
    }

    /// The program of an exercise.
    ///
    /// # Errors
    /// If the clone lacks it.
    pub(super) fn program(&self, file: &str) -> anyhow::Result<PathBuf> {
        let path = self.root.join(FOLDER).join(file);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("3 14"), Some((3, 14)));
        assert!(version("3 9") < Some(OLDEST) && version("3 14") > Some(OLDEST));
        assert_eq!(version("Python 3"), None);
    }
}
