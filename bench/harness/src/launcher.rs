//! The launcher that starts the ranks of MPI jobs: its command and its version.

use crate::process::{LONGEST_ASKING, first_line_of, is_installed};
use crate::shown::readable;
use std::ffi::OsString;
use std::sync::atomic::AtomicBool;

pub struct Launcher {
    words: Vec<String>,
    /// Whether pi chooses the options, because the user did not give --launcher.
    is_ours: bool,
    /// The first line that it prints with --version.
    pub version: Option<String>,
}

impl Launcher {
    /// The launcher of --launcher, else of the variable MPIEXEC, else mpiexec. Asks it for its version.
    pub fn find(given: Option<&str>, interrupted: &AtomicBool) -> Self {
        let named = std::env::var_os("MPIEXEC").map(readable).unwrap_or_default();
        let mut words = given.into_iter().chain([named.as_str()]).filter_map(words_of);
        let words = words.next().unwrap_or_else(|| vec!["mpiexec".to_owned()]);
        let asked = [words[0].clone(), "--version".to_owned()].map(OsString::from);
        let version = first_line_of(&asked, LONGEST_ASKING, interrupted).ok();
        Self { words, is_ours: given.is_none(), version: version.filter(|said| !said.is_empty()) }
    }

    /// Why it cannot start anything here, if it cannot.
    pub fn missing(&self) -> Option<String> {
        let program = &self.words[0];
        (!is_installed(program)).then(|| {
            format!(
                "{program} is not installed (Debian: apt-get install openmpi-bin), or name another \
                 launcher with --launcher"
            )
        })
    }

    /// The words before a runner's command, with `{ranks}`. They include the launcher's flags that leave
    /// the placement to pi.
    pub fn command(&self) -> Vec<String> {
        let mut words = self.words.clone();
        let mut add = |flags: &[&str]| {
            if !words.iter().any(|word| *word == flags[0]) {
                words.extend(flags.iter().map(|&flag| flag.to_owned()));
            }
        };
        if self.is_ours && self.is_open_mpi() {
            add(&["--bind-to", "none"]);
            add(&["--oversubscribe"]);
            if rustix::process::geteuid().is_root() {
                add(&["--allow-run-as-root"]);
            }
        }
        if !words.iter().any(|word| word.contains("{ranks}")) {
            words.extend(["-n", "{ranks}"].map(str::to_owned));
        }
        words
    }

    fn is_open_mpi(&self) -> bool {
        let said = self.version.as_deref().unwrap_or_default();
        ["Open MPI", "OpenRTE"].iter().any(|name| said.contains(name))
    }
}

/// Splits a command into words. Quotes keep spaces in a word. A text that is the path of a program is
/// one word, without quotes. Returns none if the command names no program.
pub fn words_of(command: &str) -> Option<Vec<String>> {
    let command = command.trim();
    if is_installed(command) {
        return Some(vec![command.to_owned()]);
    }
    let unquoted = || command.split_whitespace().map(str::to_owned).collect();
    let words = shlex::split(command).unwrap_or_else(unquoted);
    words.first().is_some_and(|program| !program.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str], is_ours: bool, version: Option<&str>) -> String {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Launcher { words, is_ours, version: version.map(str::to_owned) }.command().join(" ")
    }

    #[test]
    fn a_launcher_leaves_the_placement_to_pi_unless_the_user_gave_it() {
        let open = Some("mpiexec (OpenRTE) 4.1.4");
        let ours = command(&["mpiexec", "--oversubscribe"], true, open);
        assert!(ours.starts_with("mpiexec --oversubscribe --bind-to none"), "{ours}");
        assert!(ours.ends_with("-n {ranks}"), "{ours}");
        assert_eq!(ours.matches("--oversubscribe").count(), 1, "{ours}");
        assert_eq!(command(&["mpiexec"], false, open), "mpiexec -n {ranks}");
        assert_eq!(command(&["mpiexec"], true, Some("HYDRA")), "mpiexec -n {ranks}");
        assert_eq!(command(&["srun", "-n{ranks}"], true, None), "srun -n{ranks}");
    }

    #[test]
    fn the_first_word_is_asked_for_its_version() {
        let find = |given| Launcher::find(Some(given), &AtomicBool::new(false));
        let echo = find("echo  --oversubscribe");
        assert_eq!(echo.words, ["echo", "--oversubscribe"]);
        assert!(echo.version.is_some() && echo.missing().is_none());
        assert_eq!(find("'no such' \"a b\" c\\ d 'e'f").words, ["no such", "a b", "c d", "ef"]);
        assert_eq!(find("'no such").words, ["'no", "such"]);
        assert!([" ", "''", "\"\" mpiexec"].into_iter().all(|text| words_of(text).is_none()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my 'mpi' exec");
        std::fs::write(&path, "").unwrap();
        assert_eq!(find(path.to_str().unwrap()).words, [path.to_str().unwrap()]);
        let none = find("no-such-mpiexec -x");
        assert!(none.version.is_none());
        assert!(none.missing().unwrap().starts_with("no-such-mpiexec is not installed"));
    }
}
