//! Errors in command lines on several ranks, which one rank prints.

use crate::start::{answer, on_ranks, on_two, pi, refuses, run, script, stderr};
use std::fs;
use std::process::Command;

#[test]
fn wrong_options_end_all_ranks_with_one_message() {
    refuses(on_ranks(3, &[], "sample -n -1"), &["'-1'", "0 or more"]);
    refuses(on_ranks(3, &[], "sample -n 1 --kernel fortan"), &["'fortan'", "did you mean"]);
    refuses(on_ranks(3, &[], "sample -n 1 --seed 42 --generator npb"), &["odd"]);
    refuses(on_ranks(2, &[], "sample -n 1 --kernel rust,c,fortan"), &["'fortan'"]);
    refuses(on_ranks(2, &[], "verify philox nothing"), &["'nothing'"]);
    refuses(on_ranks(2, &[], "verify philox/c/threads/1x2"), &["2xTHREADS"]);
    refuses(on_ranks(2, &[], "sample -n 1e7 --pin 99"), &["CPU 99"]);
    refuses(on_ranks(2, &["--bind-to", "none"], "sample -n 1e7 --pin 0"), &["1 CPU for 2"]);
    let mut nonsense = on_ranks(2, &[], "sample -n 1e7");
    nonsense.env("LIBPI_NUM_THREADS", "none");
    refuses(nonsense, &["LIBPI_NUM_THREADS=none"]);
}

/// Otherwise each rank would start all processes and write results.
#[test]
fn what_starts_processes_itself_is_refused_on_ranks() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in ["bench", "check-runner pi runner"] {
        let mut command = on_ranks(2, &[], arguments);
        command.current_dir(folder.path());
        let output = run(command);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        for word in ["on 2 ranks", "start it once", "_SIZE=2", "--ranks-from none"] {
            assert!(stderr(&output).contains(word), "{}", stderr(&output));
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn ranks_that_were_started_with_other_arguments_are_refused() {
    let mut command = on_ranks(1, &[], "sample -n 1e6");
    command.args([":", "-n", "1"]).arg(pi()).args(["sample", "-n", "1e7"]);
    refuses(command, &["disagree", "sample -n 1e6", "sample -n 1e7"]);
}

#[test]
fn ranks_that_are_asked_for_other_threads_are_refused() {
    let commands = ["env LIBPI_NUM_THREADS=1", "env LIBPI_NUM_THREADS=2"];
    let commands = commands.map(|command| command.split(' ').collect::<Vec<_>>());
    let commands = [&*commands[0], &*commands[1]];
    let words = ["disagree", "LIBPI_NUM_THREADS", "--threads", "rank 0 has '1', rank 1 has '2'"];
    refuses(on_two(&[], commands, "sample -n 1e8"), &words);
    refuses(on_two(&[], commands, "verify philox/c/serial"), &words);
    // Ranks do not compare these variables if the command line gives the number.
    answer(on_two(&[], commands, "sample -n 1e7 --threads 1"));
}

#[test]
fn an_error_before_the_ranks_join_is_seen_from_any_of_them() {
    for rank in ["0", "1"] {
        let line = format!(
            "if [ $rank = {rank} ]; then exec $pi sample -n many; fi; exec $pi sample -n 1e6"
        );
        refuses(script(&[], &line), &["'many'"]);
    }
    let mut command = on_ranks(2, &[], "sample -n 1e6");
    command.env("LIBPI_RANKS_FROM", "nobody");
    refuses(command, &["LIBPI_RANKS_FROM=nobody", "auto, none, openmpi, pmi, slurm"]);
}

#[test]
fn an_mpi_that_make_does_not_know_is_refused() {
    let mut command = Command::new("make");
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.args(["--silent", "build", "MPI=mpitch", "CARGO=true"]).env_remove("MAKEFLAGS");
    let output = run(command);
    let said = stderr(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("MPI must be openmpi or mpich, not 'mpitch'"), "{said}");
}
