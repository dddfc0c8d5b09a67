//! Runners that are shell scripts, with a table and suites for them, in a temporary folder.

use crate::run::pi;
use assert_cmd::Command;
use pi_harness::results::Results;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use tempfile::TempDir;

/// A script that reads a request into variables: $count, $runs, …
const READ: &str = r#"
while read -r key value && [ -n "$key" ]; do
    case $key in
    count | first | runs | warmup | ranks | threads | batch | kernel | colour) eval "$key='$value'" ;;
    esac
done
"#;

/// A runner that reports this time and this count for each run.
pub fn says(seconds: &str, hits: &str) -> String {
    format!(
        "{READ}\necho version made-up 1.0\ni=0\n\
         while [ $i -lt $runs ]; do echo run {seconds} {hits}; i=$((i + 1)); done"
    )
}

/// A runner that reads its request and then runs this script.
pub fn after_reading(script: &str) -> String {
    format!("{READ}\n{script}")
}

pub struct Place {
    folder: TempDir,
    table: String,
    groups: String,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let groups = "name = 'fakes'\nquestion = 'Do they?'\npicture = 'ladder'\nbudget = '1ms'\n";
        Self { folder, table: String::new(), groups: groups.to_owned() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes an executable script.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Adds a runner to the table, with more lines for its row.
    pub fn runner(&mut self, name: &str, text: &str, row: &str) {
        self.script(name, text);
        self.table += &format!("[[runner]]\nname = '{name}'\ncommand = ['./{name}']\n{row}\n");
    }

    /// Adds a group for a runner to the suite: made-up/NAME/how/1x1, with 785 hits among 1000 samples.
    pub fn group(&mut self, runner: &str, more: &str) {
        let given = |key: &str| more.lines().any(|line| line.starts_with(key));
        self.groups += &format!("[[cells]]\nwhy = '?'\nrunner = '{runner}'\n{more}\n");
        for (key, value) in [
            ("generators", "['made-up']"),
            ("kernels", &format!("['{runner}']")),
            ("drivers", "['how']"),
            ("count", "1000"),
            ("expected", "785"),
        ] {
            if !given(key) {
                self.groups += &format!("{key} = {value}\n");
            }
        }
    }

    /// Adds a runner and a group for it.
    pub fn measured(&mut self, name: &str, text: &str) {
        self.runner(name, text, "");
        self.group(name, "");
    }

    /// Writes the table and the suite. Returns the command `pi bench` with them.
    pub fn bench(&self, arguments: &[&str]) -> Command {
        self.bench_to("results.jsonl", arguments)
    }

    pub fn bench_to(&self, file: &str, arguments: &[&str]) -> Command {
        fs::write(self.path("runners.toml"), &self.table).unwrap();
        fs::write(self.path("suite.toml"), &self.groups).unwrap();
        let mut command = pi();
        command
            .current_dir(self.folder.path())
            .args(["bench", "./suite.toml", "--runners", "runners.toml", "-o", file])
            .args(arguments);
        command
    }

    pub fn results(&self) -> Results {
        let results = Results::read(&self.path("results.jsonl")).unwrap();
        assert_eq!(results.problems, []);
        results
    }
}

/// The same command as a `std::process::Command`, which can be spawned and interrupted.
pub fn plain(command: &Command) -> std::process::Command {
    let mut plain = std::process::Command::new(command.get_program());
    plain.args(command.get_args()).current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => plain.env(name, value),
            None => plain.env_remove(name),
        };
    }
    hear_signals(&mut plain);
    plain
}

/// Lets the command ignore none of the signals that the tests may have to ignore: those that a shell
/// ignores in the background, or `nohup`.
pub fn hear_signals(command: &mut std::process::Command) {
    begin_with(command, &[libc::SIGINT, libc::SIGQUIT, libc::SIGHUP], libc::SIG_DFL);
}

/// Lets the command begin with this action for some signals: `SIG_DFL` or `SIG_IGN`.
pub fn begin_with(
    command: &mut std::process::Command,
    signals: &'static [libc::c_int],
    action: libc::sighandler_t,
) {
    // SAFETY: between fork and exec only system calls are made, and nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            for &signal in signals {
                libc::signal(signal, action);
            }
            Ok(())
        });
    }
}
