//! The command where memory or the number of processes is limited: it does its work, or says what is short
//! and what to do.

use crate::made_up::Session;
use crate::run::pi;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

const THREADED: [&str; 3] = ["threads", "rayon", "openmp-c"];

/// The command lines that are tried, for a folder with results in it.
fn command_lines(results: &Path) -> Vec<Vec<String>> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let results = results.to_str().unwrap();
    let drivers = THREADED.map(|driver| format!("sample -n 1e6 --threads 4 --driver {driver}"));
    let built = |line: &&String| !is_missing(line.rsplit(' ').next().unwrap());
    let mut lines: Vec<_> = drivers.iter().filter(built).map(|line| words(line)).collect();
    lines.extend(["list", "info", "verify philox/rust --threads 2"].map(words));
    lines.push(words(&format!("compare {results}")));
    lines.push(words(&format!("report {results} -o -")));
    let program = pi().get_program().to_str().unwrap().to_owned();
    lines.push(words(&format!("check-runner -- {program} runner")));
    let tiny = "bench levels --filter philox/rust@x86-64/serial --budget 1ms --processes 1 -o -";
    if cfg!(target_arch = "x86_64") {
        lines.push(words(tiny));
    }
    lines
}

/// Whether this build lacks a driver.
fn is_missing(driver: &str) -> bool {
    libpi::Catalog::here().driver(driver).unwrap().missing().is_some()
}

fn run(
    line: &[String],
    limit: impl Fn() -> io::Result<()> + Send + Sync + 'static,
) -> io::Result<Output> {
    let mut command = Command::new(pi().get_program());
    command.args(line).env_remove("RUST_MIN_STACK");
    // SAFETY: the limits are set by system calls alone.
    unsafe { command.pre_exec(limit) };
    command.output()
}

fn set(resource: libc::__rlimit_resource_t, limit: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
    // SAFETY: the pointer is to a value of this type.
    match unsafe { libc::setrlimit(resource, &raw const limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn with_memory(line: &[String], bytes: u64) -> Output {
    run(line, move || set(libc::RLIMIT_AS, bytes)).unwrap()
}

/// Ends with an exit code of its own and no panic; what is wrong where it ended with 1 or 2.
fn complaint(line: &[String], output: &Output) -> Option<String> {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!stderr.contains("panicked"), "{line:?}: {stderr}");
    match output.status.code() {
        Some(0) => None,
        Some(1 | 2) => Some(stderr + &String::from_utf8_lossy(&output.stdout)),
        _ => panic!("{line:?}: {}: {stderr}", output.status),
    }
}

#[test]
fn too_little_memory_is_said_to_be_that() {
    const MIB: u64 = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let results = Session::new("default", "ladder", 1).cell("philox/c@x86-64/serial/1x1", 1.0);
    let results = results.write(folder.path(), "results.jsonl");
    // With less the loader cannot load the program.
    let starts = |size: &u64| with_memory(&["--version".to_owned()], *size).status.success();
    let least = (1..).map(|number| number * MIB).find(starts).unwrap();
    let mut short = 0;
    for more in [1, 2, 4, 11, 60, 300] {
        for line in command_lines(&results) {
            let starts_others = ["bench", "check-runner"].contains(&&*line[0]);
            if starts_others && ![2, 60].contains(&more) {
                continue;
            }
            if let Some(why) = complaint(&line, &with_memory(&line, least + more * MIB)) {
                short += 1;
                assert!(why.contains("(ulimit -v)"), "{line:?} with {more} MiB: {why}");
                assert!(!why.contains("ulimit -u"), "{line:?} with {more} MiB: {why}");
            }
        }
    }
    assert!(short > 0, "four threads need more than a mebibyte");
}

#[test]
fn where_no_more_processes_may_be_started_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let results = Session::new("default", "ladder", 1).cell("philox/c@x86-64/serial/1x1", 1.0);
    let results = results.write(folder.path(), "results.jsonl");
    // The limit does not hold for root, which becomes a user who has no process.
    let alone = || {
        set(libc::RLIMIT_NPROC, 1)?;
        // SAFETY: no memory is involved.
        match unsafe { libc::geteuid() != 0 || libc::setuid(961_234_567) == 0 } {
            true => Ok(()),
            false => Err(io::Error::last_os_error()),
        }
    };
    for line in command_lines(&results) {
        let output = match run(&line, alone) {
            Ok(output) => output,
            Err(why) => return eprintln!("skipped: this user cannot be limited: {why}"),
        };
        if let Some(why) = complaint(&line, &output) {
            assert!(why.contains("(ulimit -u)"), "{line:?}: {why}");
            assert!(!why.contains("ulimit -v"), "{line:?}: {why}");
        } else {
            assert!(["list", "info", "compare", "report"].contains(&&*line[0]), "{line:?}");
        }
    }
}
