//! Starts programs that were built for the target. In a cross build they need the program by which
//! cargo runs the tests themselves, such as an emulator.
#![allow(dead_code, reason = "not every test uses all of it")]

use libpi::build_info::TARGET;
use std::env;
use std::ffi::OsStr;
use std::process::Command;

/// The words before a program of the target: the value of cargo's variable
/// `CARGO_TARGET_<TARGET>_RUNNER`, or none.
pub fn emulator() -> Vec<String> {
    let target = TARGET.to_uppercase().replace(['-', '.'], "_");
    let words = env::var(format!("CARGO_TARGET_{target}_RUNNER")).unwrap_or_default();
    words.split_whitespace().map(str::to_owned).collect()
}

/// The command that runs a program of the target, with a wrapper before it.
pub fn command(wrapper: &[&str], program: impl AsRef<OsStr>) -> Command {
    let emulator = emulator();
    let mut words = wrapper.iter().copied().chain(emulator.iter().map(String::as_str));
    let Some(first) = words.next() else { return Command::new(program) };
    let mut command = Command::new(first);
    command.args(words).arg(program);
    command
}
