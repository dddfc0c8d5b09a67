//! `pi compare` on results with made-up seconds.

mod alike;
mod bounds;
mod differences;
mod files;
mod limit;
mod ranking;
mod terminal;

use crate::made_up::Session;
use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

const FAST: &str = "philox/rust@x86-64-v4/threads/1x2";
const SAME: &str = "philox/c@x86-64-v4/openmp-c/1x2";
const SLOW: &str = "philox/fortran@x86-64-v4/serial/1x1";

fn compare(files: &[&Path]) -> Command {
    let mut command = Command::cargo_bin("pi").unwrap();
    // A width makes tables narrow, as in a terminal.
    command.arg("compare").args(files).env_remove("COLUMNS");
    command
}

fn as_json(command: &mut Command) -> Value {
    serde_json::from_slice(&command.arg("--json").output().unwrap().stdout).unwrap()
}

/// Two fast cells with the same speed, and a slow cell.
fn session(seed: u64) -> Session {
    Session::new("default", "ladder", seed).cell(FAST, 0.5).cell(SAME, 0.5).cell(SLOW, 2.0)
}
