//! Asks a program for one line, such as its version.

use super::task::{Ending, Task};
use crate::shown::readable;
use crate::shown::shortened;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The time limit of a command that prints a version.
pub const LONGEST_ASKING: Duration = Duration::from_secs(10);

/// The first line that a command prints, or the reason why it prints none.
pub fn first_line_of(
    command: &[OsString],
    timeout: Duration,
    interrupted: &AtomicBool,
) -> Result<String, String> {
    let asked = command.iter().map(readable).collect::<Vec<_>>().join(" ");
    let outcome = Task { command, input: "", cpus: None, timeout, interrupted }
        .run()
        .map_err(|failure| failure.to_string())?;
    match outcome.ending {
        Ending::Exited(status) if status.success() => {
            let said = String::from_utf8_lossy(&outcome.stdout);
            Ok(shortened(said.lines().next().unwrap_or_default().trim()))
        }
        Ending::Exited(_) => Err(format!("{asked} failed: {}", outcome.complaint())),
        Ending::TimedOut => {
            Err(format!("{asked} did not end within {} s and was killed", timeout.as_secs_f64()))
        }
        Ending::Interrupted => Err(format!("{asked} was interrupted")),
    }
}

/// Whether a program exists: as a path, or in a folder of PATH.
pub fn is_installed(program: impl AsRef<Path>) -> bool {
    find(program.as_ref()).is_some()
}

/// The file of a program.
pub(super) fn find(program: &Path) -> Option<PathBuf> {
    if program.as_os_str().as_encoded_bytes().contains(&b'/') {
        return program.is_file().then(|| program.to_owned());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_killed_and_gives_a_reason() {
        let command = ["sleep", "1000"].map(OsString::from);
        let ask = |timeout, interrupted| {
            first_line_of(&command, timeout, &AtomicBool::new(interrupted)).unwrap_err()
        };
        let reason = ask(Duration::from_millis(200), false);
        assert_eq!(reason, "sleep 1000 did not end within 0.2 s and was killed");
        assert_eq!(ask(LONGEST_ASKING, true), "sleep 1000 was interrupted");
    }

    #[test]
    fn what_cannot_be_started_is_named_once() {
        let command = [OsString::from("/no/such/program")];
        let reason = first_line_of(&command, LONGEST_ASKING, &AtomicBool::new(false)).unwrap_err();
        assert!(reason.starts_with("could not start /no/such/program: "), "{reason}");
    }
}
