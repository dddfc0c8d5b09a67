//! CPUs on which other processes are at work.

use super::{SHORT, good};
use crate::fakes::{Place, says};
use pi_harness::results::Block;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::process::Command;

/// A process that keeps a CPU busy until it is dropped.
struct Burner(std::process::Child);

impl Burner {
    fn on(cpu: usize) -> Self {
        let mut command = Command::new("taskset");
        command.args(["-c", &cpu.to_string(), "sh", "-c", "while :; do :; done"]);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Burner {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The runner only sleeps, so other processes take all the time of its CPU.
#[test]
fn what_others_disturb_is_measured_again_or_marked() {
    let _burners: Vec<Burner> =
        libpi::cpus::CpuMask::of_this_thread().cpus().map(Burner::on).collect();
    let mut place = Place::new();
    place.measured("sleepy", &format!("sleep 0.3\n{}", good()));
    place
        .bench(&["--processes", "5"])
        .assert()
        .success()
        .stderr(contains("other processes use").and(contains("disturbed")));
    let results = place.results();
    assert!(results.blocks.iter().all(|block| block.disturbed), "{:?}", results.blocks);
    assert!(results.blocks.iter().all(|block| block.foreign_cpu_share > Some(0.3)));
    let superseded: Vec<&Block> = results.blocks.iter().filter(|b| b.superseded).collect();
    assert_eq!(superseded.len(), 2, "a fifth of the ten blocks");
    for old in superseded {
        let again = results.blocks.iter().filter(|b| !b.superseded && b.order == old.order);
        let again: Vec<&Block> = again.collect();
        assert_eq!(again.len(), 1);
        assert_eq!((&again[0].cell, again[0].process), (&old.cell, old.process));
    }
}

/// The runner counts wrongly in one process, whose block is disturbed and would be measured again.
#[test]
fn an_error_in_a_disturbed_block_is_an_error() {
    let _burners: Vec<Burner> =
        libpi::cpus::CpuMask::of_this_thread().cpus().map(Burner::on).collect();
    let mut place = Place::new();
    let fickle = format!(
        "echo >> calls\nsleep 0.3; [ $(wc -l < calls) -eq 2 ] && h=784 || h=785\n{}",
        says(SHORT, "$h")
    );
    place.measured("fickle", &fickle);
    let output = place.bench(&["--processes", "5", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let wrong = place.results().blocks.into_iter().find(|block| block.error.is_some()).unwrap();
    assert!(wrong.disturbed && !wrong.superseded, "{wrong:?}");
    let ranking: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(ranking["rankings"], serde_json::json!([]));
}
