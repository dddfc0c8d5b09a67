//! Variables that MPI launchers leave in the environment, with and without MPI.

use crate::run::{pi, refuses};
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

#[test]
fn the_source_of_ranks_is_checked_where_it_is_not_needed() {
    for arguments in ["list", "sample -n 1", "compare nofile"] {
        let refused = |name: &str, value: &OsStr, words: [&str; 2]| {
            let assert = pi().args(arguments.split(' ')).env(name, value).assert();
            let assert = assert.code(2).stdout(is_empty());
            assert.stderr(contains(words[0]).and(contains(words[1])));
        };
        let valid = "auto, none, openmpi, pmi, slurm";
        refused("LIBPI_RANKS_FROM", OsStr::new("nobody"), ["LIBPI_RANKS_FROM=nobody", valid]);
        refused("LIBPI_RANKS_FROM", OsStr::from_bytes(b"\xff"), ["LIBPI_RANKS_FROM=", valid]);
        refused("LIBPI_JOIN_TIMEOUT", OsStr::new("0s"), ["LIBPI_JOIN_TIMEOUT=0s", "such as 90s"]);
        refused("LIBPI_JOIN_TIMEOUT", OsStr::new("-1"), ["LIBPI_JOIN_TIMEOUT=-1", "such as 90s"]);
    }
    refuses("sample -n 1 --ranks-from nobody", &["--ranks-from", "openmpi, pmi, slurm"]);
    refuses("sample -n 1 --ranks-from slurm", &["SLURM_PROCID", "--ranks-from none"]);
    refuses("sample -n 1 --join-timeout 0s", &["--join-timeout", "such as 90s"]);
}

#[test]
fn variables_of_a_launcher_that_make_no_sense_leave_it_alone() {
    let answered = pi()
        .args(["sample", "-n", "1e6"])
        .env("OMPI_COMM_WORLD_RANK", "4")
        .env("OMPI_COMM_WORLD_SIZE", "4")
        .assert()
        .success();
    answered.stdout(contains("785987")).stderr(contains("OMPI_COMM_WORLD_RANK=4"));
}

/// A shell or container that a launcher started keeps all variables of the launcher.
#[test]
fn a_launcher_that_is_gone_is_named_by_its_variable() {
    let stale = || {
        let mut pi = pi();
        pi.env("OMPI_COMM_WORLD_RANK", "3").env("OMPI_COMM_WORLD_SIZE", "4");
        pi.env("PMIX_SERVER_URI2", "1.0;tcp4://127.0.0.1:1").env("PMIX_SERVER_TMPDIR", "/no/such");
        pi.args(["sample", "-n", "1e6"]);
        pi
    };
    let refused = stale().assert().code(2).stdout(is_empty());
    let words = contains("OMPI_COMM_WORLD_SIZE=4").and(contains("PMIX_SERVER_TMPDIR=/no/such"));
    refused.stderr(words.and(contains("--ranks-from none")));
    stale().args(["--ranks-from", "none"]).assert().success().stdout(contains("785987"));
    stale().env("LIBPI_RANKS_FROM", "none").assert().success().stdout(contains("785987"));
}

/// This holds with and without MPI.
#[test]
fn nothing_is_written_into_a_file_that_is_not_the_launchers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("precious");
    std::fs::write(&file, "precious").unwrap();
    let script = "exec \"$0\" sample -n 1e6 7<>precious";
    let mut command = Command::new("sh");
    command.current_dir(folder.path()).args(["-c", script]);
    command.arg(assert_cmd::cargo::cargo_bin("pi"));
    command.envs([("PMI_RANK", "0"), ("PMI_SIZE", "2"), ("PMI_FD", "7")]);
    command.assert().code(2).stderr(contains("PMI_SIZE=2").and(contains("--ranks-from none")));
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
}

/// Launchers set these variables for each rank.
#[cfg(not(feature = "mpi"))]
#[test]
fn without_mpi_several_ranks_are_refused() {
    for [rank, size] in [["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"], ["PMI_RANK", "PMI_SIZE"]]
    {
        let started_as = |number: &str, of: &str| {
            let mut pi = pi();
            pi.env(rank, number).env(size, of).args(["sample", "-n", "1e6"]);
            pi
        };
        started_as("0", "4")
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains("started 4 ranks of pi").and(contains("without MPI")));
        started_as("3", "4").args(["--ranks-from", "none"]).assert().success();
        // A real launcher would have ended this rank by then, unless the first rank is another program.
        let second = started_as("1", "4").assert().code(2).stdout(is_empty());
        second.stderr(contains("rank 1: ").and(contains("without MPI")));
        started_as("0", "1").assert().success();
    }
}
