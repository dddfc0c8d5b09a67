//! `pi bench` with cells on several ranks.

use crate::start::{launcher, pi, run, stderr};
use pi_harness::results::Results;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// A suite with two cells on two ranks, and the command `pi bench` that measures it in a temporary folder.
fn bench(folder: &Path, more: &[&str]) -> Output {
    run(bench_command(folder, more))
}

fn bench_command(folder: &Path, more: &[&str]) -> Command {
    let suite = "name = 'ranks'\nquestion = '?'\npicture = 'scaling'\nbudget = '1ms'\n[[cells]]\n\
                 why = '?'\ngenerators = ['philox']\nkernels = ['c']\ndrivers = ['serial', 'rayon']\n\
                 ranks = [2]\nthreads = [2]\ncount = 1000000\n";
    fs::write(folder.join("ranks.toml"), suite).unwrap();
    let mut command = Command::new(pi());
    command.current_dir(folder).args(["bench", "./ranks.toml", "-o", "ranks.jsonl"]);
    command.args(["--oversubscribe", "--processes", "1"]).args(more);
    command
}

/// The harness starts the launcher itself, and the ranks split the samples.
#[test]
fn cells_with_ranks_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(folder.path(), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let results = Results::read(&folder.path().join("ranks.jsonl")).unwrap();
    assert_eq!(results.skipped, []);
    for cell in ["/serial/2x1", "/rayon/2x2"] {
        let block =
            results.blocks.iter().find(|block| block.cell.to_string().ends_with(cell)).unwrap();
        assert_eq!(block.command[0], launcher());
        assert!(block.command.windows(2).any(|words| words == ["-n", "2"]), "{:?}", block.command);
        assert!(!block.runs.is_empty() && block.runs.iter().all(|run| run.hits == 785_987));
        assert_eq!(block.info["ranks"], "2");
    }
}

/// The processes that the harness starts must ignore the launcher that the harness ignores, but not their
/// own launcher.
#[test]
fn cells_are_measured_where_a_launchers_variables_are_left_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bench_command(folder.path(), &["--filter", "philox/c/serial"]);
    command.env("PMI_RANK", "1").env("PMI_SIZE", "4").env("LIBPI_RANKS_FROM", "none");
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    let results = Results::read(&folder.path().join("ranks.jsonl")).unwrap();
    assert!(results.blocks.iter().all(|block| block.info["ranks"] == "2"));
}

/// A runner on one rank counts all hits, but its time is not that of two ranks.
#[test]
fn a_launcher_that_starts_fewer_ranks_gives_no_times() {
    let folder = tempfile::tempdir().unwrap();
    let launcher = folder.path().join("one");
    fs::write(&launcher, "#!/bin/sh\nshift 2\nexec \"$@\"\n").unwrap();
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).unwrap();
    let output = bench(folder.path(), &["--launcher", "./one"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let results = Results::read(&folder.path().join("ranks.jsonl")).unwrap();
    assert_eq!(results.blocks.len(), 2);
    for block in results.blocks {
        let message = block.error.expect("an error").message;
        assert!(message.contains("ranks 2: this job has 1; start as many"), "{message}");
    }
}
