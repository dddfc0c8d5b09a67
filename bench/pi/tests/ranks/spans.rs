//! Ranks that are stopped: by a signal to one of them or to the launcher, all at the same sample.

use crate::processes::{children, cpu_ticks, processes_with, wait_until};
use crate::start::{is_open_mpi, json, on_ranks};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::process::{Child, Output, Stdio};

/// A word among the arguments that only this job has.
fn unique(number: u64) -> String {
    (2_000_000_000 + 1000 * u64::from(std::process::id()) + number).to_string()
}

/// Starts a job of so many ranks that would count for days, and waits until all count.
fn start(ranks: usize, seed: &str) -> Child {
    let mut command =
        on_ranks(ranks, &[], &format!("sample -n 1e15 --threads 1 --seed {seed} --json"));
    let job = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("all ranks at work", || {
        let found = processes_with(seed);
        found.len() == ranks && found.into_iter().all(|pid| cpu_ticks(pid) >= 50)
    });
    job
}

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().unwrap()).expect("no process has the number 0");
    kill_process(pid, signal).expect("the process is there");
}

/// The answer of a job that was stopped, with one of these exit codes: it holds the hits of its range.
fn stopped(output: &Output, codes: &[i32], seed: &str) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{output:?}");
    assert_eq!(said.matches("error: stopped by SIG").count(), 1, "{said}");
    assert!(!said.to_lowercase().contains("mpi_abort"), "{said}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("one object, from one rank");
    let count = &answer["count"];
    let again = json(on_ranks(1, &[], &format!("sample -n {count} --seed {seed}")));
    assert_eq!(answer["hits"], again["hits"]);
    answer
}

#[test]
fn a_signal_to_any_rank_stops_all_at_the_same_sample() {
    let signals =
        [(0, Signal::INT, "SIGINT"), (1, Signal::TERM, "SIGTERM"), (2, Signal::USR1, "SIGUSR1")];
    for (rank, signal, name) in signals {
        let seed = unique(rank);
        let job = start(3, &seed);
        send(processes_with(&seed)[rank as usize], signal);
        let answer = stopped(&job.wait_with_output().unwrap(), &[75], &seed);
        assert_eq!(answer["stopped_by"], name);
    }
}

#[test]
fn a_signal_to_the_launcher_stops_all_ranks_at_the_same_sample() {
    let seed = unique(9);
    let job = start(2, &seed);
    // The job is `timeout`, and its child is the launcher.
    send(children(job.id())[0], Signal::USR1);
    // MPICH's launcher sometimes loses the exit code of its ranks after a signal, whatever they run.
    let codes: &[i32] = if is_open_mpi() { &[75] } else { &[75, 0] };
    let answer = stopped(&job.wait_with_output().unwrap(), codes, &seed);
    assert_eq!(answer["stopped_by"], "SIGUSR1");
}
