//! A test runs one of its binary's ignored tests in a process of its own, which prints what it saw.

#![allow(dead_code, reason = "not every test needs all of it")]

use libpi::cpus::CpuMask;
use std::env::current_exe;
use std::process::Command;

/// What the start of a line that the child reports is marked with.
const MARK: &str = "child reports: ";

/// Reports a line to the parent.
pub fn report(line: &str) {
    // On a line of its own: the test harness has begun one.
    println!("\n{MARK}{line}");
}

/// The lines that the ignored test `name` reports, in a process with these environment variables
/// and no others that place threads, started by `wrapper` if there is one.
pub fn run(name: &str, variables: &[(&str, &str)], wrapper: &[&str]) -> Vec<String> {
    let test = current_exe().expect("the test's own path");
    let mut command = match wrapper.split_first() {
        None => Command::new(test),
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(test);
            command
        }
    };
    for variable in ["OMP_PLACES", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"] {
        command.env_remove(variable);
    }
    command.args(["--ignored", "--exact", name, "--nocapture"]).envs(variables.iter().copied());
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| line.strip_prefix(MARK)).map(str::to_owned).collect()
}

/// The first CPU that this thread may use, alone.
pub fn one_cpu() -> CpuMask {
    CpuMask::of_this_thread().cpus().take(1).collect()
}
