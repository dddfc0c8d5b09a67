//! How a job ends: after an error, when a rank dies, and when a reader closes its pipe.

use crate::processes::{cpu_ticks, processes_with, wait_until};
use crate::start::{fails, mpiexec, on_ranks, on_ranks_with, pi, preloaded, run, stderr};
use libpi::Level;
use std::process::{Command, Stdio};

/// The other ranks would count for hours. If all ranks fail, only one prints the error: the lowest, unless it
/// fails too late.
#[test]
fn an_error_on_one_rank_ends_the_job_at_once() {
    let source = r#"
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <pthread.h>
        #include <stdlib.h>
        #include <string.h>
        int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*what)(void *), void *with) {
            int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
                dlsym(RTLD_NEXT, "pthread_create");
            const char *rank = getenv("OMPI_COMM_WORLD_RANK"), *failing = getenv("FAILING");
            if (!rank) rank = getenv("PMI_RANK");
            static int calls;
            int late = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) > 12;
            return late && strstr(failing, rank) ? EAGAIN : create(thread, how, what, with);
        }"#;
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    for (failing, rank) in [("1", "rank 1: "), ("01", "rank ")] {
        let arguments = "sample -n 1e14 --threads 4 --driver threads";
        let mut command = on_ranks_with(&preload, 2, arguments);
        command.env("FAILING", failing);
        fails(command, 1, &[rank, "thread"]);
    }
}

/// Each rank writes into its own pipe, whose reader closes it after one line.
#[test]
fn a_reader_that_has_seen_enough_ends_the_job_quietly() {
    let mut command = mpiexec(&["-n", "2", "sh", "-c"]);
    command.arg(format!("{} verify 'philox/*/serial' | head -n 1", pi().display()));
    let output = run(command);
    let said = stderr(&output).to_lowercase();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    assert!(!said.contains("abort") && !said.contains("error"), "{said}");
}

/// The reader closes the pipe before pi writes its answer, at the end.
#[test]
fn a_reader_that_sees_nothing_leaves_no_rank_waiting() {
    let mut command = mpiexec(&["-n", "2", "sh", "-c"]);
    let cell = format!("philox/c@{}/serial", Level::ALL[0]);
    command.arg(format!("{} verify --json {cell} | true", pi().display()));
    assert!(run(command).status.success());
}

#[test]
fn a_rank_that_dies_ends_the_job() {
    let seed = (1_000_000_000 + u64::from(std::process::id())).to_string();
    let mut command = on_ranks(3, &[], &format!("sample -n 1e15 --threads 1 --seed {seed}"));
    let mut job = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The ranks must be at work. If a rank dies while it starts, Open MPI's launcher may wait forever.
    wait_until("three ranks at work", || {
        let ranks = processes_with(&seed);
        ranks.len() == 3 && ranks.into_iter().all(|pid| cpu_ticks(pid) >= 100)
    });
    let victim = processes_with(&seed)[1].to_string();
    assert!(Command::new("kill").args(["-9", &victim]).status().unwrap().success());
    let status = job.wait().unwrap();
    assert!(!status.success(), "{status}");
    assert_ne!(status.code(), Some(124), "it went on until the timeout");
    wait_until("no orphans", || processes_with(&seed).is_empty());
}
