//! Starts `pi sample`, and sends it signals while it runs.

use crate::fakes::hear_signals;
use crate::run::pi;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// `pi sample --json` with these arguments.
pub fn sample(arguments: &str) -> Command {
    let mut command = Command::new(pi().get_program());
    command.arg("sample").args(arguments.split(' ')).arg("--json");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    hear_signals(&mut command);
    command
}

/// Starts `pi sample --json` with these arguments, and waits until signals do not end it any more.
pub fn start(arguments: &str) -> Child {
    started(sample(arguments))
}

/// Starts a command of [`sample`], and waits until signals do not end it any more.
pub fn started(mut command: Command) -> Child {
    let child = command.spawn().unwrap();
    wait_until("signals are caught", || mask(&child, "SigCgt") & bit(libc::SIGUSR1) != 0);
    child
}

/// Waits until a condition holds, and panics after two minutes.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "waited in vain: {what}");
        sleep(Duration::from_millis(1));
    }
}

/// A set of signals of a process: those that it catches, or those that wait.
pub fn mask(child: &Child, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
    u64::from_str_radix(line.unwrap(), 16).unwrap()
}

/// The place of a signal in a set.
pub fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

pub fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("the child is not reaped yet");
}

pub fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one object")
}

/// The messages of a command that ended with this code.
pub fn said(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}
