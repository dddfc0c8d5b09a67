//! Sessions that are interrupted.

use super::good;
use crate::fakes::{Place, plain};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Starts a command and does not wait for its end.
fn start(command: &assert_cmd::Command) -> std::process::Child {
    plain(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn interrupt_when(child: &mut std::process::Child, is_time: impl Fn() -> bool) {
    while !is_time() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
}

#[test]
fn an_interruption_before_anything_was_measured_leaves_an_older_file_as_it_was() {
    let mut place = Place::new();
    place.measured("one", &good());
    place.bench(&[]).assert().success();
    let before = fs::read(place.path("results.jsonl")).unwrap();
    place.measured("slow", "echo > begun; sleep 1000");
    let mut child = start(&place.bench(&[]));
    interrupt_when(&mut child, || place.path("begun").exists());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("nothing was measured yet"), "{stderr}");
    assert_eq!(fs::read(place.path("results.jsonl")).unwrap(), before);
}

#[test]
fn an_interruption_keeps_what_was_measured() {
    let mut place = Place::new();
    place.measured("one", &good());
    // It hangs from its third process on. The first two are the trial and one block.
    place.measured(
        "slow",
        &format!("echo >> calls\n[ $(wc -l < calls) -lt 3 ] || sleep 1000\n{}", good()),
    );
    let mut child = start(&place.bench(&["--processes", "1000"]));
    // Once the third process has begun, nothing else can end it.
    let calls = || fs::read_to_string(place.path("calls")).unwrap_or_default().lines().count();
    interrupt_when(&mut child, || calls() >= 3);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("kept in results.jsonl"), "{stderr}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("made-up/one/how/1x1"));
    let results = place.results();
    let end = results.end.unwrap();
    assert!(end.interrupted && !end.complete);
    for name in ["one", "slow"] {
        assert!(results.blocks.iter().any(|b| b.runner == name && !b.runs.is_empty()), "{name}");
    }
}
