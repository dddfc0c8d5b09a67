//! The kinds of cells: with keys, with ranks, built in, and with the user's own kernel.

use super::good;
use crate::fakes::{Place, after_reading};
use crate::run::pi;
use pi_harness::results::Results;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::process::Command;

#[test]
fn the_keys_of_a_suite_reach_the_runner() {
    let mut place = Place::new();
    let tells = "echo version 1\necho info colour $colour\necho info kernel $kernel\n\
                 i=0; while [ $i -lt $runs ]; do echo run 1e-6 $((batch * 2)); i=$((i + 1)); done";
    place.runner("telling", &after_reading(tells), "");
    let group = "batches = [1, '2^4']\nkeys = { colour = 'red' }\nexpected = 'count'\ncount = 32";
    place.group("telling", group);
    place.bench(&[]).assert().code(1);
    let results = place.results();
    for block in &results.blocks {
        match block.batch {
            Some(16) => assert_eq!(block.error, None),
            batch => assert_eq!((batch, block.runs.len()), (Some(1), 0), "2 hits instead of 32"),
        }
    }
    let right = results.blocks.iter().find(|block| block.error.is_none()).unwrap();
    assert_eq!(right.info["colour"], "red");
    assert_eq!(right.info["kernel"], "telling");
    assert_eq!(right.expected_hits, Some(32));
}

/// The launcher is made up: it starts the command once and tells it how many ranks there should be.
#[test]
fn cells_with_ranks_are_started_by_the_launcher() {
    let mut place = Place::new();
    place.script("launch", "RANKS=$2; export RANKS; shift 2; exec \"$@\"");
    let ranked = after_reading(
        "echo version 1; echo info ranks $RANKS; echo info threads $threads; i=0\n\
         while [ $i -lt $runs ]; do echo run 1e-6 785; i=$((i + 1)); done",
    );
    place.runner("ranked", &ranked, "ranks = true");
    place.group("ranked", "ranks = [2]");
    place.runner("alone", &good(), "");
    place.group("alone", "ranks = [2]");
    let arguments = ["--oversubscribe", "--launcher", "./launch -np {ranks}"];
    place
        .bench(&arguments)
        .assert()
        .success()
        .stdout(contains("alone does not count on several ranks"));
    let results = place.results();
    assert_eq!(results.skipped.len(), 1);
    let block = &results.blocks[0];
    assert_eq!(block.cell.to_string(), "made-up/ranked/how/2x1");
    assert_eq!(block.command[..3], ["./launch", "-np", "2"]);
    assert!(block.command[3].ends_with("/ranked"));

    // This launcher starts each rank as a single process, like the launcher of another MPI.
    place.script("each", "RANKS=1; export RANKS; shift 2; exec \"$@\"");
    place.bench(&["--oversubscribe", "--launcher", "./each"]).assert().code(1);
    let message = &place.results().blocks[0].error.clone().unwrap().message;
    assert!(message.contains("the request was for 2 ranks, but it counted with 1"), "{message}");

    // A runner that does not say how many ranks counted may have counted on one.
    place.runner("ranked", &good(), "ranks = true");
    place.bench(&arguments).assert().code(1);
    let message = &place.results().blocks[0].error.clone().unwrap().message;
    assert!(message.contains("there is no line `info ranks 2`"), "{message}");

    place
        .bench(&["--oversubscribe", "--launcher", "no-such-mpiexec"])
        .assert()
        .code(1)
        .stdout(contains("no-such-mpiexec is not installed"));
}

/// The real runner, on cells so small that they take little time.
#[test]
fn what_is_built_in_is_measured_on_as_many_cpus_as_it_has_workers() {
    let place = Place::new();
    let suite = "name = 'small'\nquestion = '?'\npicture = 'matrix'\nbudget = '1ms'\n[[cells]]\nwhy = '?'\n\
                 generators = ['philox']\nkernels = ['rust', 'fortran']\ndrivers = ['serial', 'rayon']\n\
                 count = 1000000\nthreads = ['all']\n";
    fs::write(place.path("small.toml"), suite).unwrap();
    let run = |more: &[&str]| {
        pi().current_dir(place.path(""))
            .args(["bench", "./small.toml", "-o", "small.jsonl", "--processes", "1"])
            .args(more)
            .assert()
            .success();
        Results::read(&place.path("small.jsonl")).unwrap()
    };
    let results = run(&[]);
    assert_eq!(results.header.pinned, Some(true));
    assert!(results.header.environment.get("command").is_none(), "it is in the header");
    assert!(results.blocks.len() >= 5, "four cells and a twin");
    for block in &results.blocks {
        assert!(block.runs.iter().all(|run| run.hits == 785_987));
        let cpus: std::collections::BTreeSet<&String> = block.masks.iter().collect();
        assert_eq!(cpus.len(), 1, "{:?}", block.masks);
        let workers: usize = block.masks[0]
            .split(',')
            .map(|part| {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                to.parse::<usize>().unwrap() - from.parse::<usize>().unwrap() + 1
            })
            .sum();
        assert_eq!(workers, block.cell.threads as usize, "{}: {:?}", block.cell, block.masks);
        assert_eq!(
            block.language,
            if block.cell.kernel.starts_with("rust") { "Rust" } else { "Fortran" }
        );
        assert!(block.foreign_cpu_share.is_some());
    }
    let languages = run(&["--filter", "*/fortran/serial"]);
    assert!(languages.blocks.iter().all(|b| b.cell.kernel.starts_with("fortran@")));
    let free = run(&["--no-pin"]);
    assert!(!free.blocks.is_empty() && free.header.pinned == Some(false));
}

/// The files of the page YOUR_KERNEL.md, with the plain C program as the user's kernel.
#[test]
fn your_kernel_gets_into_the_table_as_its_page_says() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let page = fs::read_to_string(folder.join("YOUR_KERNEL.md")).unwrap();
    let indented = |step: &str| -> String {
        let (_, rest) = page.split_once(step).unwrap();
        let lines = rest.lines().skip(1).skip_while(|line| line.is_empty());
        lines.take_while(|line| line.starts_with("      ")).map(|l| l.to_owned() + "\n").collect()
    };
    let place = Place::new();
    fs::write(place.path("my-runners.toml"), indented("`my-runners.toml`")).unwrap();
    fs::write(place.path("my-suite.toml"), indented("`my-suite.toml`")).unwrap();
    let plain = fs::read_to_string(folder.join("runners/plain_philox.c")).unwrap();
    fs::write(place.path("my-kernel.c"), plain.replace("plain-c", "my-kernel")).unwrap();
    let compiler = Command::new("cc")
        .args(["-std=c11", "-O2", "-o"])
        .args([place.path("my-kernel"), place.path("my-kernel.c")])
        .status();
    assert!(compiler.unwrap().success());
    pi().current_dir(place.path(""))
        .args("bench ./my-suite.toml --runners my-runners.toml --dry-run".split(' '))
        .assert()
        .success()
        .stdout(contains("philox/my-kernel/serial/1x1").and(contains("philox/fortran@")))
        // Built-in kernels of levels that this CPU lacks may be skipped, but not the user's kernel.
        .stdout(contains("skipped: philox/my-kernel").not());
}

/// A session whose suite asks for it audits its kernels and measures the core.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_suite_may_hold_its_kernels_against_the_bound_of_the_core() {
    let folder = tempfile::tempdir().unwrap();
    let (suite, results) = (folder.path().join("mine.toml"), folder.path().join("results.jsonl"));
    let text = "name = 'mine'\nquestion = '?'\npicture = 'ladder'\nbudget = '1ms'\nbound = true\n\
                [[cells]]\nwhy = '?'\ngenerators = ['npb']\nkernels = ['c@x86-64']\ndrivers = ['serial']\n";
    fs::write(&suite, text).unwrap();
    let output = pi()
        .args(["bench", "--processes", "1", "--threads", "1", "-o"])
        .args([&results, &suite])
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    if stderr.contains("cannot start or trace") {
        eprintln!("this system refuses to trace processes: there are no bounds");
        return;
    }
    let results = Results::read(&results).unwrap();
    let audit = results.audits.iter().find(|audit| audit.kernel == "c@x86-64").unwrap();
    assert!(audit.work["slots-128"] > 1.0, "{audit:?}");
    assert!(results.audits.iter().any(|audit| audit.kernel == "rust@x86-64"), "a rival");
    let micro = results.blocks.iter().filter(|block| block.cell.generator == "peak");
    let micro: Vec<&str> = micro.map(|block| &*block.cell.kernel).collect();
    assert!(micro.contains(&"slots-128") && micro.contains(&"instructions-128"), "{micro:?}");
    assert!(!micro.contains(&"add-256"), "what no kernel needs is not measured: {micro:?}");
    assert!(stdout.contains("bounds: what the instructions"), "{stdout}");
}
