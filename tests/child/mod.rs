//! A test can run an ignored test of the same binary in a child process, which reports lines to it.

#![allow(dead_code, reason = "not every test uses all of it")]

use libpi::cpus::CpuMask;
use std::env::current_exe;

#[path = "../emulator/mod.rs"]
mod emulator;

/// The prefix of a line that the child reports.
const MARK: &str = "child reports: ";

/// Reports a line to the parent.
pub fn report(line: &str) {
    // The test harness has already begun a line, so this starts a new one.
    println!("\n{MARK}{line}");
}

/// Runs the ignored test `name` in a child process and returns the lines that it reports. The child
/// gets these environment variables and no others that place threads. `wrapper` is a command, if
/// any, that starts the child.
pub fn run(name: &str, variables: &[(&str, &str)], wrapper: &[&str]) -> Vec<String> {
    let test = current_exe().expect("the test's own path");
    let mut command = emulator::command(wrapper, test);
    for variable in ["OMP_PLACES", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"] {
        command.env_remove(variable);
    }
    command.args(["--ignored", "--exact", name, "--nocapture"]).envs(variables.iter().copied());
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| line.strip_prefix(MARK)).map(str::to_owned).collect()
}

/// A mask with only the first CPU that this thread may use.
pub fn one_cpu() -> CpuMask {
    CpuMask::of_this_thread().cpus().take(1).collect()
}
