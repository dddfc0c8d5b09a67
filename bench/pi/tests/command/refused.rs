//! The system refuses the calls that placement needs, as in some containers. The counts are right, and pi
//! reports a placement that the user asked for and did not get.

use crate::refuse::{GET_AFFINITY, SET_AFFINITY, can_refuse, refuse};
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs `pi` with these arguments while the system refuses these calls.
fn pi(arguments: &[&str], calls: &[i64]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
    refuse(&mut command, calls);
    command.args(arguments).output().unwrap()
}

#[test]
fn nothing_is_lost_if_no_placement_was_requested() {
    if !can_refuse() {
        return;
    }
    for calls in [&[SET_AFFINITY][..], &[GET_AFFINITY], &[SET_AFFINITY, GET_AFFINITY]] {
        let output = pi(&["sample", "-n", "1000000", "--threads", "2", "--json"], calls);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["hits"], 785_987);
    }
}

#[test]
fn a_requested_placement_that_is_refused_is_an_error_with_a_remedy() {
    if !can_refuse() {
        return;
    }
    let cpu = libpi::cpus::CpuMask::of_this_thread().cpus().next().unwrap().to_string();
    let sample =
        |pin: &str, call| pi(&["sample", "-n", "1000000", "--threads", "1", "--pin", pin], &[call]);
    for pin in ["cores", &cpu] {
        for (call, words, code) in
            [(SET_AFFINITY, "sched_setaffinity", 1), (GET_AFFINITY, "does not say", 2)]
        {
            let output = sample(pin, call);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{pin}: {stderr}");
            assert!(stderr.contains(words) && stderr.contains("--pin none"), "{pin}: {stderr}");
            assert!(output.stdout.is_empty(), "nothing is counted");
        }
    }
    for call in [SET_AFFINITY, GET_AFFINITY] {
        assert!(sample("none", call).status.success());
    }
}

#[test]
fn a_runner_does_not_report_unknown_cpus() {
    if !can_refuse() {
        return;
    }
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
    refuse(&mut command, &[GET_AFFINITY]);
    let mut child =
        command.arg("runner").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let request = b"count 1000000\ndriver threads\nthreads 2\n";
    child.stdin.take().unwrap().write_all(request).unwrap();
    let answer = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(answer.contains("info threads 2\n"), "{answer}");
    assert!(!answer.contains("info mask") && !answer.contains("info worker_cpus"), "{answer}");
    assert!(answer.contains(" 785987\n"), "{answer}");
}
