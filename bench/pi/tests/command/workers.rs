//! A cell has a time only if it is what its name says: as many threads worked as were requested, and each
//! had a CPU of its own if there was one.

use crate::fakes::{Place, says};
use crate::run::pi;
use libpi::cpus::CpuMask;
use pi_harness::results::{ErrorKind, Results};
use predicates::prelude::*;
use predicates::str::contains;

/// A cell with two threads of the runner `pi`.
const TWO: &str = "threads = [2]\ngenerators = ['philox']\nkernels = ['rust']\ncount = 1000000\n\
                   expected = 'philox'\n";

fn openmp() -> bool {
    let has = libpi::Catalog::here().driver("openmp-c").is_ok();
    if !has {
        eprintln!("not tested: this build has no driver openmp-c");
    }
    has
}

/// Measures one cell with two threads of the real runner, under a driver.
fn session(driver: &str, variable: (&str, &str)) -> (Option<i32>, Results) {
    let mut place = Place::new();
    place.group("pi", &format!("{TWO}drivers = ['{driver}']"));
    let mut command = place.bench(&["--oversubscribe", "--processes", "1"]);
    let output = command.env(variable.0, variable.1).output().unwrap();
    (output.status.code(), place.results())
}

#[test]
fn a_cell_on_fewer_threads_than_its_name_says_has_no_time() {
    if !openmp() {
        return;
    }
    let (code, results) = session("openmp-c", ("OMP_THREAD_LIMIT", "1"));
    assert_eq!(code, Some(1));
    assert!(!results.blocks.is_empty());
    for block in &results.blocks {
        let error = block.error.as_ref().expect("an error");
        assert_eq!(error.kind, ErrorKind::Protocol, "{}", error.message);
        assert!(error.message.contains("it worked with 1"), "{}", error.message);
        assert!(block.runs.is_empty());
    }
}

/// On a machine with one CPU the workers take turns, and the cell still has a time.
#[test]
fn a_cell_on_its_threads_has_a_time_and_says_where_they_were() {
    for driver in ["threads", "rayon", "openmp-c"] {
        if driver == "openmp-c" && !openmp() {
            return;
        }
        let (code, results) = session(driver, ("OMP_THREAD_LIMIT", "2"));
        assert_eq!(code, Some(0), "{:?}", results.blocks[0].error);
        for block in &results.blocks {
            assert_eq!(block.info["threads"], "2");
            assert_eq!(block.info["worker_cpus"].split(' ').count(), 2);
            assert!(!block.masks.is_empty() && !block.runs.is_empty());
        }
    }
}

#[test]
fn a_cell_whose_threads_are_bound_to_one_cpu_has_no_time() {
    let cpus = CpuMask::of_this_thread();
    if !openmp() || cpus.count() < 2 {
        eprintln!("not tested: on one CPU there is no other place for a thread");
        return;
    }
    let first = cpus.cpus().next().unwrap().to_string();
    let (code, results) = session("openmp-c", ("GOMP_CPU_AFFINITY", &first));
    assert_eq!(code, Some(1));
    let error = results.blocks[0].error.as_ref().expect("an error");
    assert_eq!(error.kind, ErrorKind::Placement, "{}", error.message);
    assert!(error.message.contains("GOMP_CPU_AFFINITY"), "{}", error.message);
}

#[test]
fn a_runner_that_does_not_say_how_many_worked_has_no_time() {
    let mut place = Place::new();
    for (name, script) in [
        ("silent", says("1.5e-6", "785")),
        ("deaf", says("1.5e-6", "785") + "; echo info threads 1"),
        ("good", says("1.5e-6", "785") + "; echo info threads $threads"),
    ] {
        place.runner(name, &script, "");
        place.group(name, "threads = [2]\ncount = 1000000\nexpected = 785");
    }
    place
        .bench(&["--oversubscribe", "--processes", "1"])
        .assert()
        .code(1)
        .stderr(contains("made-up/silent/how/1x2").and(contains("made-up/deaf/how/1x2")));
    for block in place.results().blocks {
        let message = block.error.map(|error| error.message).unwrap_or_default();
        let words = match &*block.runner {
            "silent" => "there is no line `info threads 2`",
            "deaf" => "it worked with 1",
            _ => "",
        };
        assert_eq!(message.is_empty(), words.is_empty(), "{}: {message}", block.runner);
        assert!(message.contains(words), "{}: {message}", block.runner);
    }
}

#[test]
fn what_ran_on_fewer_threads_is_not_verified() {
    if !openmp() {
        return;
    }
    let limit = ("OMP_THREAD_LIMIT", "1");
    pi().args(["verify", "philox/rust/openmp-c/1x2"])
        .env(limit.0, limit.1)
        .assert()
        .code(1)
        .stdout(contains("WRONG").and(contains("1 of 2 threads ran")))
        .stderr(contains("wrong: philox/rust"));
    pi().args(["verify", "philox/rust/openmp-c/1x2"]).assert().success();
    pi().args(["sample", "-n", "1e6", "--driver", "openmp-c", "--threads", "2"])
        .env(limit.0, limit.1)
        .assert()
        .success()
        .stderr(contains("1 of 2 threads ran"));
}
