//! Starts the command without the variables that would change its number of threads or the width of its
//! tables.

use assert_cmd::Command;
use predicates::str::{contains, is_empty};
use serde_json::Value;

pub fn pi() -> Command {
    let mut command = Command::cargo_bin("pi").unwrap();
    for variable in ["LIBPI_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS", "COLUMNS"] {
        command.env_remove(variable);
    }
    command
}

pub fn json(arguments: &str) -> Value {
    let output = pi().args(arguments.split(' ')).arg("--json").assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

/// Checks that the command prints nothing on stdout and these words on stderr, and exits with 2.
pub fn refuses(arguments: &str, words: &[&str]) {
    let mut assert = pi().args(arguments.split(' ')).assert().code(2).stdout(is_empty());
    for word in words {
        assert = assert.stderr(contains(*word));
    }
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}
