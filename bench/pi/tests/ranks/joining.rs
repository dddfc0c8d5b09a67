//! How ranks join each other, and commands that do not need to.

use crate::start::{
    fails, is_open_mpi, json, mpiexec, on_ranks, on_ranks_with, on_two, pi, preloaded, refuses,
    run, script, stderr, without_mpi,
};
use std::process::Command;
use std::time::{Duration, Instant};

/// First only the second rank fails, while the first waits for it in MPI. Then all ranks fail.
#[test]
fn a_rank_that_cannot_join_says_so() {
    let source = "int MPI_Initialized(int *is) { *is = 1; return 0; }\n";
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    let second = on_two(&[], [&[], &["env", &preload]], "sample -n 1e6");
    refuses(second, &["rank 1: ", "started 2 ranks", "initialised before"]);
    let all = on_ranks_with(&preload, 3, "sample -n 1e6");
    refuses(all, &["error: ", "started 3 ranks", "initialised before"]);
}

/// The only rank may be a shell that starts `pi` several times, and a rank can initialise MPI only once.
#[test]
fn the_only_rank_may_start_it_many_times() {
    let twice = format!("{0} sample -n 1e6 && {0} sample -n 1e6", pi().display());
    let mut command = mpiexec(&["-n", "1", "sh", "-c"]);
    command.arg(twice);
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches("785987").count(), 2);
    let mut command = Command::new("timeout");
    command.arg("600").arg(pi()).args(["sample", "-n", "1e6"]);
    command.envs([("PMI_RANK", "0"), ("PMI_SIZE", "1"), ("PMI_FD", "7")]);
    assert!(run(command).status.success());
}

#[test]
fn what_needs_no_ranks_answers_for_itself_and_never_asks_mpi() {
    let folder = tempfile::tempdir().unwrap();
    let preload = without_mpi(folder.path());
    for (arguments, word) in [
        ("--version", "pi 0"),
        ("--help", "Usage: pi"),
        ("sample --help", "Usage: pi sample"),
        ("list", "Generators"),
        ("info", "Usable CPUs"),
    ] {
        let output = run(on_ranks_with(&preload, 2, arguments));
        assert!(output.status.success(), "{arguments}: {}", stderr(&output));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(text.matches(word).count(), 2, "{arguments}: {text}");
        // Only one rank starts pi, and the other does not.
        for rank in ["0", "1"] {
            let line = format!("[ $rank != {rank} ] || env {preload} $pi {arguments}");
            let output = run(script(&[], &line));
            assert!(output.status.success(), "{arguments}: {}", stderr(&output));
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(text.matches(word).count(), 1, "{arguments}: {text}");
        }
    }
    for arguments in ["compare nofile", "report nofile", "info --diff nofile nofile"] {
        let output = run(on_ranks_with(&preload, 2, arguments));
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("could not read nofile"), "{}", stderr(&output));
    }
}

/// The other rank is another program, which never initialises MPI.
#[test]
fn ranks_that_do_not_come_are_waited_for_a_stated_time() {
    for (rank, arguments) in [("0", "sample -n 1e6"), ("1", "verify philox"), ("0", "runner")] {
        let line = format!(
            "if [ $rank = {rank} ]; then exec $pi {arguments} --join-timeout 1s; fi; \
             sleep 60"
        );
        let words = ["started 2 ranks", "within 1s", "every rank must start pi", "--join-timeout"];
        fails(script(&[], &line), 1, &words);
    }
    let line = "if [ $rank = 0 ]; then exec $pi sample -n 1e6; fi; sleep 60";
    let mut command = script(&[], line);
    command.env("LIBPI_JOIN_TIMEOUT", "1s");
    fails(command, 1, &["within 1s", "LIBPI_JOIN_TIMEOUT"]);
}

/// The second rank initialises MPI and then does something else, so the first waits in a collective call.
#[test]
fn ranks_that_do_something_else_are_waited_for_a_stated_time() {
    let source = "#include <unistd.h>\nint MPI_Comm_split_type(void) { for (;;) pause(); }\n";
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    let second = on_two(&[], [&[], &["env", &preload]], "sample -n 1e6 --join-timeout 3s");
    fails(second, 1, &["error: ", "within 3s"]);
}

#[test]
fn an_mpi_that_ends_the_process_is_explained() {
    let source = "#include <stdlib.h>\nint MPI_Init_thread(void) { exit(15); }\n";
    let folder = tempfile::tempdir().unwrap();
    let preload = preloaded(folder.path(), source);
    let mut command = Command::new("env");
    command.arg(&preload).arg(pi()).args(["sample", "-n", "1e6"]);
    command.env("OMPI_COMM_WORLD_RANK", "1").env("OMPI_COMM_WORLD_SIZE", "2");
    refuses(command, &["rank 1: ", "OMPI_COMM_WORLD_SIZE=2", "MPI ended", "--ranks-from none"]);
}

#[test]
fn ranks_may_be_left_out_of_account() {
    let output = run(on_ranks(2, &[], "sample -n 1e6 --ranks-from none"));
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.matches("785987 of 1000000").count(), 2, "{text}");
    let mine = if is_open_mpi() { "openmpi" } else { "pmi" };
    let both = json(on_ranks(2, &[], &format!("sample -n 1e6 --ranks-from {mine}")));
    assert_eq!(both["ranks"], 2);
}

/// The variables are those of the other MPI's launcher, so MPI knows only of this process.
#[test]
fn the_launcher_of_another_mpi_is_recognised() {
    let (rank, size) = if is_open_mpi() {
        ("PMI_RANK", "PMI_SIZE")
    } else {
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
    };
    let started_as = |number: &str| {
        let mut command = Command::new("timeout");
        command.arg("600").arg(pi()).args(["sample", "-n", "1e6"]);
        command.env(rank, number).env(size, "4");
        command
    };
    refuses(started_as("0"), &["started 4 ranks", "knows of 1", "another MPI"]);
    refuses(started_as("1"), &["rank 1: ", "another MPI"]);
    // There is no launcher, so no rank waits for another to print the error.
    let begin = Instant::now();
    let words = ["rank 3: ", "_SIZE=4", "left over", "--ranks-from none"];
    refuses(started_as("3"), &words);
    assert!(begin.elapsed() < Duration::from_secs(8), "it waited for a launcher");
    let mut alone = started_as("3");
    alone.args(["--ranks-from", "none"]);
    assert!(run(alone).status.success());
    let mut alone = started_as("3");
    alone.env("LIBPI_RANKS_FROM", "none");
    assert!(run(alone).status.success());
}

/// A library before the real one ends the process when MPI is initialised.
#[test]
fn a_command_that_is_started_alone_does_not_touch_mpi() {
    let folder = tempfile::tempdir().unwrap();
    let preload = without_mpi(folder.path());
    // The only rank does not use MPI either. Two ranks do, which shows that the library works.
    for (size, code) in [(None, 0), (Some("1"), 0), (Some("2"), 77)] {
        let mut command = Command::new("env");
        command.arg(&preload).arg(pi()).args(["sample", "-n", "1e6"]);
        if let Some(size) = size {
            command.env("OMPI_COMM_WORLD_RANK", "0").env("OMPI_COMM_WORLD_SIZE", size);
        }
        let output = run(command);
        assert_eq!(output.status.code(), Some(code), "{size:?}: {}", stderr(&output));
    }
}
