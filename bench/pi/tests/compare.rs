//! `pi compare` on results with made-up seconds.

mod made_up;

use assert_cmd::Command;
use made_up::Session;
use pi_harness::results::{ErrorKind, Run};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const FAST: &str = "philox/rust@x86-64-v4/threads/1x2";
const SAME: &str = "philox/c@x86-64-v4/openmp-c/1x2";
const SLOW: &str = "philox/fortran@x86-64-v4/serial/1x1";

fn compare(files: &[&Path]) -> Command {
    let mut command = Command::cargo_bin("pi").unwrap();
    command.arg("compare").args(files);
    command
}

fn as_json(command: &mut Command) -> Value {
    serde_json::from_slice(&command.arg("--json").output().unwrap().stdout).unwrap()
}

/// Two fast cells of one speed and a slow one.
fn session(seed: u64) -> Session {
    Session::new("default", "ladder", seed).cell(FAST, 0.5).cell(SAME, 0.5).cell(SLOW, 2.0)
}

#[test]
fn a_ranking_shows_ties_as_ties() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1).write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    let places: Vec<_> = cells.iter().map(|c| (c["rank"].as_u64(), c["tied"].as_bool())).collect();
    assert_eq!(places, [(Some(1), Some(true)), (Some(1), Some(true)), (Some(3), Some(false))]);
    assert_eq!(cells[2]["cell"], SLOW);
    let ratio = &cells[2]["ratio_to_best"];
    let [value, low, high] =
        [&ratio["value"], &ratio["interval"]["low"], &ratio["interval"]["high"]]
            .map(|number| number.as_f64().unwrap());
    assert!(3.9 < low && low <= value && value <= high && high < 4.1, "{ratio}");
    assert_eq!(cells[0]["processes"], 5);
    assert_eq!(cells[0]["runs"], 15);
    compare(&[&file])
        .assert()
        .success()
        .stdout(contains("=1").count(2))
        .stdout(contains("sample").and(contains("noise floor 0.50%")));
}

/// Rank and cell of each row, the fastest first.
fn ranks(session: Session) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = session.write(folder.path(), "a.jsonl");
    let output = compare(&[&file]).output().unwrap().stdout;
    let text = String::from_utf8(output).unwrap();
    let words = text.lines().map(|line| line.split_whitespace().map(str::to_owned));
    let mut rows = words.filter_map(|mut words| Some((words.next()?, words.next()?)));
    rows.by_ref().next();
    rows.filter(|(_, cell)| cell.contains('/')).collect()
}

fn rows(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(rank, cell)| ((*rank).to_owned(), (*cell).to_owned())).collect()
}

#[test]
fn a_noisy_leader_hides_no_difference_between_others() {
    const NOISY: &str = "philox/rust@x86-64/serial/1x1";
    let session = Session::new("default", "ladder", 1)
        .processes_of(NOISY, &[0.2, 0.2, 0.2, 20.0, 20.0])
        .cell(FAST, 0.5)
        .cell(SAME, 1.0)
        .cell(SLOW, 10.0);
    let expected = [("=1", NOISY), ("=1", FAST), ("3", SAME), ("4", SLOW)];
    assert_eq!(ranks(session), rows(&expected));
}

#[test]
fn a_chain_of_small_steps_makes_no_fast_and_slow_equal() {
    let spread = |middle: f64| [0.9, 0.95, 1.0, 1.05, 1.1].map(|factor| factor * middle);
    let session = Session::new("default", "ladder", 1)
        .processes_of(FAST, &spread(1.0))
        .processes_of(SAME, &spread(1.15))
        .processes_of(SLOW, &spread(1.3));
    assert_eq!(ranks(session), rows(&[("=1", FAST), ("=1", SAME), ("3", SLOW)]));
}

#[test]
fn a_cell_of_one_process_has_no_rank() {
    let session = Session::new("default", "ladder", 1)
        .processes_of(FAST, &[0.5])
        .cell(SAME, 1.0)
        .processes_of(SLOW, &[1.0]);
    assert_eq!(ranks(session), rows(&[("-", FAST), ("-", SLOW), ("1", SAME)]));
}

#[test]
fn the_same_twice_shows_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let one = session(1).write(folder.path(), "a.jsonl");
    let again = session(2).write(folder.path(), "b.jsonl");
    let comparison = as_json(&mut compare(&[&one, &again]));
    for cell in comparison["cells"].as_array().unwrap() {
        assert_eq!(cell["verdict"], "no_difference", "{cell}");
    }
    compare(&[&one, &again])
        .args(["--fail-if-slower", "5%"])
        .assert()
        .success()
        .stdout(contains("no difference seen").count(3))
        .stdout(contains("  within").count(3))
        .stdout(contains("0 of 3 cells differ"));
}

#[test]
fn what_became_slower_by_a_tenth_is_found_and_fails_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let before = session(1).write(folder.path(), "a.jsonl");
    let after =
        Session::new("default", "ladder", 2).cell(FAST, 0.5).cell(SAME, 0.55).cell(SLOW, 1.8);
    let after = after.write(folder.path(), "b.jsonl");
    let comparison = as_json(&mut compare(&[&before, &after]));
    let verdict = |name: &str| {
        let cells = comparison["cells"].as_array().unwrap();
        cells.iter().find(|c| c["cell"] == name).unwrap()["verdict"].clone()
    };
    assert_eq!(verdict(FAST), "no_difference");
    assert_eq!(verdict(SAME), "slower");
    assert_eq!(verdict(SLOW), "faster");
    compare(&[&before, &after]).assert().success().stdout(contains("SLOWER").count(1));
    let limit = |percent| {
        let mut command = compare(&[&before, &after]);
        command.args(["--fail-if-slower", percent]);
        command.assert()
    };
    limit("5%").code(1).stderr(contains(SAME).and(contains("5.0%"))).stdout(contains("SLOWER"));
    limit("15%").success();
}

#[test]
fn wrong_hits_never_appear_as_a_time() {
    // The last of five processes counts one too few, as if the harness had not looked.
    let folder = tempfile::tempdir().unwrap();
    let good = session(1).write(folder.path(), "good.jsonl");
    let wrong = Session::new("default", "ladder", 1)
        .cell(SLOW, 2.0)
        .cell(SAME, 0.5)
        .cell(FAST, 0.1)
        .spoil(|block| block.runs[2].hits -= 1)
        .write(folder.path(), "wrong.jsonl");
    let ranking = as_json(&mut compare(&[&wrong]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    assert!(cells.len() == 2 && cells.iter().all(|cell| cell["cell"] != FAST), "{ranking}");
    assert_eq!(ranking["errors"][0]["kind"], "wrong-hits");
    compare(&[&wrong])
        .assert()
        .success()
        .stdout(contains(format!("error: {FAST}: wrong-hits: 13177330 hits instead of 13177331")));
    // Nor is it a cell that merely went away.
    compare(&[&good, &wrong])
        .assert()
        .success()
        .stdout(contains(format!("only in the first: {FAST}")));
    compare(&[&good, &wrong])
        .args(["--fail-if-slower", "50%"])
        .assert()
        .code(1)
        .stderr(contains(FAST).and(contains("13177330")));
}

#[test]
fn what_cannot_be_a_time_is_an_error_row() {
    let folder = tempfile::tempdir().unwrap();
    let run = |seconds| vec![Run { seconds, hits: 13_177_331 }];
    let file = Session::new("default", "ladder", 1)
        .processes(1)
        .cell("philox/c@a/serial/1x1", 1.0)
        .spoil(|block| block.runs = run(0.0))
        .cell("philox/c@b/serial/1x1", 1.0)
        .spoil(|block| block.runs = run(-1.0))
        .cell("philox/c@c/serial/1x1", 1.0)
        .spoil(|block| block.runs.clear())
        .cell("philox/c@d/serial/1x1", 1.0)
        .spoil(|block| block.count = 0)
        .cell("philox/c@e/serial/1x1", 1.0)
        .spoil(|block| block.expected_hits = None)
        .cell("textbook/c@f/serial/1x1", 1.0)
        .spoil(|block| {
            (block.exact, block.expected_hits) = (false, None);
            block.runs[0].hits = 13_000_000;
        })
        .error("philox/c@g/serial/1x1", ErrorKind::Crash, "signal 11")
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    assert_eq!(ranking["rankings"], json!([]));
    let kinds: Vec<_> = ranking["errors"].as_array().unwrap().iter().map(|e| &e["kind"]).collect();
    let protocol = "protocol";
    assert_eq!(kinds, [protocol, protocol, protocol, protocol, protocol, "wrong-hits", "crash"]);
    compare(&[&file]).assert().success().stdout(contains("no cell has times"));
}

#[test]
fn a_twin_gives_the_noise_floor_and_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        session(1).with(FAST, 0.6, |block| block.twin = true).write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let floor = ranking["noise_floor"].as_f64().unwrap();
    assert!((0.19..0.21).contains(&floor), "{floor}");
    assert_eq!(ranking["rankings"][0]["cells"].as_array().unwrap().len(), 3);
}

#[test]
fn superseded_blocks_are_not_used_and_disturbed_ones_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1)
        .with(FAST, 9.0, |block| block.superseded = true)
        .with("npb/c@x86-64/serial/1x1", 3.0, |block| block.disturbed = true)
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.iter().find(|c| c["cell"] == FAST).unwrap()["processes"], 5);
    compare(&[&file])
        .assert()
        .stdout(contains("npb/c@x86-64/serial/1x1 *"))
        .stderr(contains("5 of 20 blocks disturbed"));
}

#[test]
fn calls_samples_and_batches_are_ranked_apart() {
    let folder = tempfile::tempdir().unwrap();
    let batch = |size| move |block: &mut pi_harness::results::Block| block.batch = Some(size);
    let file = session(1)
        .cell("crossing/c-rust/direct/1x1", 2.0)
        .with("batch/c-rust/direct/1x1", 3.0, batch(1))
        .with("batch/c-rust/direct/1x1", 0.5, batch(1 << 20))
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let units: Vec<_> =
        ranking["rankings"].as_array().unwrap().iter().map(|group| &group["unit"]).collect();
    assert_eq!(units, ["sample", "call", "sample"]);
    assert_eq!(ranking["rankings"][2]["cells"].as_array().unwrap().len(), 2);
    compare(&[&file]).assert().stdout(contains("time/call").and(contains("(batch 2^20)")));
}

#[test]
fn results_of_another_make_are_refused_unless_wanted_anyway() {
    let folder = tempfile::tempdir().unwrap();
    let here = session(1).write(folder.path(), "a.jsonl");
    for (pointer, value, words) in [
        ("/machine/cpu", json!("Another CPU"), "CPU: Example CPU 9000 and Another CPU"),
        ("/machine/best_level", json!("x86-64-v3"), "best level: x86-64 and x86-64-v3"),
        ("/machine/smt", json!("on"), "SMT: off and on"),
        ("/machine/operating_system", json!("Linux 6.2.0"), "kernel: Linux 6.1.0 and Linux 6.2.0"),
        ("/machine/virtualisation", json!([]), "virtualisation: [\"virtual machine\"] and []"),
        (
            "/system/governors",
            json!(["powersave"]),
            "governor: [\"performance\"] and [\"powersave\"]",
        ),
        ("/system/boost", json!(true), "boost: false and true"),
        ("/system/boost", json!(null), "boost: false and none"),
        ("/system/variables", json!({}), "OMP_PROC_BIND: 'close' and not set"),
        (
            "/system/variables",
            json!({ "OMP_PROC_BIND": "spread", "LD_PRELOAD": "\u{1b}lib.so" }),
            "LD_PRELOAD: not set and '\\u{1b}lib.so'",
        ),
        (
            "/system",
            json!({ "governors": ["performance"], "boost": false }),
            "recorded and unknown",
        ),
        ("/build/compilers/1/version", json!("gcc 13"), "compilers"),
        ("/build/compilers/1/flags/0/flags", json!("-Ofast"), "-Ofast"),
    ] {
        let there = session(2).environment(pointer, value).write(folder.path(), "b.jsonl");
        compare(&[&here, &there])
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains(words).and(contains("--anyway")));
        compare(&[&here, &there]).arg("--anyway").assert().success().stderr(contains(words));
    }
}

#[test]
fn cells_that_were_not_measured_alike_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = session(1).write(folder.path(), "a.jsonl");
    let new = || Session::new("default", "ladder", 2);
    let rest = |session: Session| session.cell(SAME, 0.5).cell(SLOW, 2.0);
    for (there, words) in [
        (
            rest(new().with(FAST, 0.5, |block| block.count = 1 << 26)),
            format!("count of {FAST}: 2^24 and 2^26"),
        ),
        (
            rest(new().with(FAST, 0.5, |block| block.version = "mine 2".to_owned())),
            format!("version of {FAST}: libpi 0.1.0 and mine 2"),
        ),
        (
            new().with(SAME, 0.5, |b| b.count = 1 << 25).with(SLOW, 2.0, |b| b.count = 1 << 25),
            format!("count of {SAME} (and 1 more): 2^24 and 2^25"),
        ),
    ] {
        let there = there.write(folder.path(), "b.jsonl");
        let said = format!("warning: not made alike: {words}");
        compare(&[&here, &there]).assert().success().stderr(contains(said));
    }
}

#[test]
fn what_may_differ_is_told_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let here = session(1).write(folder.path(), "a.jsonl");
    let with = |pointer: &str, value: Value| {
        let there = session(2).environment(pointer, value).write(folder.path(), "b.jsonl");
        compare(&[&here, &there]).assert().success()
    };
    let busy = with("/system/load", json!([0.7, 0.2, 0.3]));
    busy.stderr(contains("warning: not made alike: load at the begin: 0.1 and 0.7"));
    with("/system/load", json!([0.6, 9.0, 9.0])).stderr(contains("load").not());
    with("/system/load", json!(["idle"])).stderr(contains("load").not());
    with("/cpus/mask_at_start", json!("4-7")).stderr(contains("might be used: 0-3 and 4-7"));
}

#[test]
fn the_warnings_of_both_sessions_are_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let here = session(1).write(folder.path(), "a.jsonl");
    let warnings =
        json!(["this is a virtual machine: neighbours may take its CPUs", "a \u{1b}[2J"]);
    let there = session(2).environment("/warnings", warnings).write(folder.path(), "b.jsonl");
    compare(&[&here, &there])
        .assert()
        .success()
        .stderr(contains("warning: both results: this is a virtual machine").count(1))
        .stderr(contains("b.jsonl: a \\u{1b}[2J").count(1));
    compare(&[&there, &here]).assert().stderr(contains("b.jsonl: a \\u{1b}[2J").count(1));
    let comparison = as_json(&mut compare(&[&here, &there]));
    assert_eq!(comparison["warnings_before"].as_array().unwrap().len(), 1);
    assert_eq!(comparison["warnings_after"].as_array().unwrap().len(), 2);
}

#[test]
fn other_pinning_is_refused_unless_wanted_anyway() {
    let folder = tempfile::tempdir().unwrap();
    let here = session(1).write(folder.path(), "a.jsonl");
    let there = session(2).command(&["pi", "bench", "--no-pin"]).write(folder.path(), "b.jsonl");
    let words = "pinning: by pi and none";
    let refused = compare(&[&here, &there]).assert().code(2).stdout(is_empty());
    refused.stderr(contains(words).and(contains("--anyway")));
    compare(&[&here, &there]).arg("--anyway").assert().success().stderr(contains(words));
}

#[test]
fn a_cell_that_went_away_fails_where_slower_ones_do() {
    let folder = tempfile::tempdir().unwrap();
    let before = session(1).write(folder.path(), "a.jsonl");
    let after = Session::new("default", "ladder", 2)
        .cell(FAST, 0.5)
        .skipped(SLOW, "no Fortran compiler; install one")
        .write(folder.path(), "b.jsonl");
    compare(&[&before, &after]).assert().success();
    compare(&[&before, &after])
        .args(["--fail-if-slower", "50%"])
        .assert()
        .code(1)
        .stdout(contains("of 1 cell differ"))
        .stderr(contains(format!("{SAME} has no times any more: it is not in the second result")))
        .stderr(contains(format!("{SLOW} has no times any more: it was skipped, no Fortran")));
}

#[test]
fn the_only_cell_crashed_fails_where_slower_ones_do() {
    let folder = tempfile::tempdir().unwrap();
    let before = Session::new("default", "ladder", 1).cell(FAST, 0.5);
    let before = before.write(folder.path(), "a.jsonl");
    let after = Session::new("default", "ladder", 2).error(FAST, ErrorKind::Crash, "signal 11");
    let after = after.write(folder.path(), "b.jsonl");
    compare(&[&before, &after]).assert().code(2);
    compare(&[&before, &after])
        .args(["--fail-if-slower", "50%"])
        .assert()
        .code(1)
        .stderr(contains(format!("{FAST} has no times any more: signal 11")));
    let mut in_json = compare(&[&before, &after]);
    let output = in_json.args(["--fail-if-slower", "50%", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let comparison: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(comparison["cells"], json!([]));
    assert_eq!(comparison["errors_after"][0]["cell"], FAST);
}

/// Twelve processes, each a little slower than the one before, by up to this share.
fn spread(nanoseconds: f64, share: f64) -> Vec<f64> {
    (0..12).map(|process| nanoseconds * (1.0 + share * f64::from(process) / 11.0)).collect()
}

/// What `--fail-if-slower 5%` says of a cell that took 1 ns and takes this.
fn limit_of_5_percent(after: &[f64]) -> assert_cmd::assert::Assert {
    let folder = tempfile::tempdir().unwrap();
    let session = |seed, times: &[f64]| {
        Session::new("default", "ladder", seed).processes_of(FAST, times).cell(SLOW, 2.0)
    };
    let before = session(1, &spread(1.0, 0.02)).write(folder.path(), "a.jsonl");
    let after = session(2, after).write(folder.path(), "b.jsonl");
    compare(&[&before, &after]).args(["--fail-if-slower", "5%"]).assert()
}

#[test]
fn a_limit_is_kept_or_broken_or_it_cannot_be_told() {
    limit_of_5_percent(&spread(1.0, 0.02)).success().stdout(contains("within").count(2));
    // The interval is from the first over the fifth to the fifth over the first: 1.047 to 1.063.
    limit_of_5_percent(&spread(1.055, 0.02))
        .code(3)
        .stdout(contains("SLOWER").and(contains("cannot tell").count(1)))
        .stderr(contains(format!(
            "cannot tell of 1 cell if slower by more than 5.0%, such as {FAST}"
        )))
        .stderr(contains("1.0").and(contains("--processes")));
    limit_of_5_percent(&spread(1.08, 0.02)).code(1).stdout(contains("BEYOND").count(1));
    limit_of_5_percent(&spread(1.08, 0.02)[..4]).code(3).stderr(contains("too few processes"));
    limit_of_5_percent(&spread(0.5, 0.02)).success();
}

#[test]
fn a_quarter_of_the_processes_disturbed_hides_no_slower_cell() {
    let mut disturbed = spread(1.2, 0.02);
    for (process, factor) in [(0, 1.3), (4, 1.9), (7, 1.5), (9, 1.2)] {
        disturbed[process] *= factor;
    }
    limit_of_5_percent(&disturbed).code(1).stderr(contains(FAST));
}

#[test]
fn what_lies_below_the_noise_cannot_be_told() {
    let folder = tempfile::tempdir().unwrap();
    let [before, after] =
        [1, 2].map(|seed| session(seed).write(folder.path(), &format!("{seed}.jsonl")));
    compare(&[&before, &after])
        .args(["--fail-if-slower", "0.4%"])
        .assert()
        .code(3)
        .stderr(contains("the noise floor is 0.50%"));
    // Broken lines weigh more.
    let text = fs::read_to_string(&after).unwrap();
    fs::write(&after, format!("{text}broken\n")).unwrap();
    compare(&[&before, &after]).args(["--fail-if-slower", "0.4%"]).assert().code(1);
}

#[test]
fn where_all_cells_moved_alike_the_machine_did() {
    let folder = tempfile::tempdir().unwrap();
    let before = session(1).write(folder.path(), "a.jsonl");
    let moved = |seed, times: [f64; 3]| {
        let [fast, same, slow] = times;
        let session = Session::new("default", "ladder", seed);
        session.cell(FAST, fast).cell(SAME, same).cell(SLOW, slow).write(folder.path(), "b.jsonl")
    };
    let said = "cells moved by the same ratio, 1.19";
    let after = moved(2, [0.6, 0.6, 2.4]);
    compare(&[&before, &after]).assert().success().stdout(contains(said).and(contains("machine")));
    compare(&[&before, &after])
        .args(["--fail-if-slower", "5%"])
        .assert()
        .code(3)
        .stderr(contains("3 cells").and(contains("as the machine did")));
    let comparison = as_json(compare(&[&before, &after]).args(["--fail-if-slower", "5%"]));
    assert!((comparison["common_ratio"].as_f64().unwrap() - 1.2).abs() < 0.01, "{comparison}");
    assert_eq!(comparison["cells"][0]["limit"], "cannot_tell");
    let level = comparison["cells"][0]["ratio"]["interval"]["level"].as_f64().unwrap();
    assert!((level - (1.0 - 2.0 / 42.0)).abs() < 1e-9, "{level}");
    compare(&[&after, &before]).assert().stdout(contains("moved by the same ratio, 0.83"));
    // One that moved by itself, or two cells, are no machine.
    for (times, code) in [([0.6, 0.6, 2.0], 1), ([0.6, 0.8, 2.4], 1), ([0.5, 0.5, 2.0], 0)] {
        let after = moved(2, times);
        compare(&[&before, &after])
            .args(["--fail-if-slower", "5%"])
            .assert()
            .code(code)
            .stdout(contains("same ratio").not());
    }
    let after = Session::new("default", "ladder", 2).cell(FAST, 0.6).cell(SLOW, 2.4);
    let after = after.write(folder.path(), "b.jsonl");
    compare(&[&before, &after]).assert().stdout(contains("same ratio").not());
}

#[test]
fn a_block_that_stands_twice_is_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1).write(folder.path(), "a.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let block = text.lines().nth(1).unwrap();
    fs::write(&file, text.replacen(block, &[block; 9].join("\n"), 1)).unwrap();
    let ranking = as_json(&mut compare(&[&file]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    assert!(cells.iter().all(|cell| cell["processes"] == 5), "{ranking}");
    compare(&[&file]).assert().code(1).stderr(contains("line 3: process 0 of its cell"));
}

#[test]
fn of_too_few_processes_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let single = |seed, nanoseconds| {
        Session::new("default", "ladder", seed).processes(4).cell(FAST, nanoseconds)
    };
    let before = single(1, 0.5).write(folder.path(), "a.jsonl");
    let after = single(2, 1.5).write(folder.path(), "b.jsonl");
    let comparison = as_json(&mut compare(&[&before, &after]));
    assert_eq!(comparison["cells"][0]["verdict"], "too_few_processes");
    compare(&[&before, &after])
        .assert()
        .success()
        .stdout(contains("too few processes to tell").and(contains("0 of 1 cell differ")))
        .stderr(contains("a.jsonl: 1 of 1 cell: fewer"))
        .stderr(contains("b.jsonl: 1 of 1 cell: fewer"));
    compare(&[&before, &after])
        .args(["--fail-if-slower", "50%"])
        .assert()
        .code(3)
        .stderr(contains(format!("such as {FAST}: it has too few processes to tell")))
        .stderr(contains("--processes 5"));
}

#[test]
fn the_commands_of_two_results_differ_in_one_line_and_last() {
    let folder = tempfile::tempdir().unwrap();
    let one = session(1).write(folder.path(), "a.jsonl");
    let other = session(2)
        .command(&["pi", "bench", "default", "--filter", "philox/*"])
        .environment("/version", json!("0.2.0"));
    let other = other.write(folder.path(), "b.jsonl");
    let mut diff = Command::cargo_bin("pi").unwrap();
    diff.args(["info", "--diff"]).args([one, other]).assert().success().stdout(
        "version\n  A  0.1.0\n  B  0.2.0\n\
         command\n  A  pi bench default\n  B  pi bench default --filter 'philox/*'\n",
    );
}

#[test]
fn a_truncated_file_is_used_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1).write(folder.path(), "a.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text[..text.len() - 200]).unwrap();
    compare(&[&file])
        .assert()
        .code(1)
        .stdout(contains(FAST))
        .stderr(contains("a.jsonl, line 16").and(contains("cut off")).and(contains("last record")));
    fs::write(&file, text.replacen('\n', "\nnot a record\n", 1)).unwrap();
    compare(&[&file, &file])
        .assert()
        .code(1)
        .stdout(contains("3 cells"))
        .stderr(contains("line 2"));
}

#[test]
fn keys_and_records_of_later_versions_are_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1).write(folder.path(), "a.jsonl");
    let plain = as_json(&mut compare(&[&file]));
    let text =
        fs::read_to_string(&file).unwrap().replace("\"cell\":", "\"colour\":\"red\",\"cell\":");
    fs::write(&file, format!("{text}{{\"record\":\"weather\",\"rain\":true}}\n")).unwrap();
    assert_eq!(as_json(&mut compare(&[&file])), plain);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let a = session(1).write(folder.path(), "a.jsonl");
    let other = Session::new("levels", "ladder", 1).cell("npb/c@x86-64/serial/1x1", 1.0);
    let b = other.write(folder.path(), "b.jsonl");
    compare(&[&a, &b]).assert().code(2).stderr(contains("no cell has times in both"));
    compare(&[Path::new("/nowhere.jsonl")]).assert().code(2).stderr(contains("/nowhere.jsonl"));
    compare(&[&a]).args(["--fail-if-slower", "5%"]).assert().code(2).stderr(contains("OTHER"));
    compare(&[&a, &a])
        .args(["--fail-if-slower", "5"])
        .assert()
        .code(2)
        .stderr(contains("such as 5%"));
}

#[test]
fn few_processes_are_said_to_be_few() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::new("default", "ladder", 1).processes(1).cell(FAST, 1.0).cell(SLOW, 2.0);
    let file = session.write(folder.path(), "a.jsonl");
    compare(&[&file]).assert().stderr(contains("fewer than 5 processes"));
}

#[test]
fn nothing_that_a_file_holds_is_obeyed_by_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let one = Session::hostile().write(folder.path(), "one.jsonl");
    let other = Session::hostile()
        .environment("/machine/cpu", json!("\u{1b}[31m another"))
        .write(folder.path(), "other.jsonl");
    let [one, other] = [&one, &other].map(|path| path.to_str().unwrap());
    for arguments in [
        &["compare", one][..],
        &["compare", one, "--json"],
        &["compare", one, other],
        &["compare", one, other, "--anyway"],
        &["compare", one, other, "--anyway", "--json"],
        &["compare", one, other, "--anyway", "--fail-if-slower", "5%"],
        &["info", "--diff", one, other],
        &["info", "--diff", one, other, "--json"],
    ] {
        let output = Command::cargo_bin("pi").unwrap().args(arguments).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code <= 3), "{arguments:?}");
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).unwrap();
            assert!(!made_up::is_obeyed(&text), "{arguments:?}: {text:?}");
            assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{text}");
            let json = arguments.contains(&"--json");
            assert!(json || text.lines().all(|line| line.len() < 8000), "{arguments:?}");
        }
    }
}
