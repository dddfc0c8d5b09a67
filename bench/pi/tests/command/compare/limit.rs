//! `--fail-if-slower`: cells within the limit, beyond it, or neither.

use super::{FAST, SAME, SLOW, compare, session};
use crate::made_up::Session;
use pi_harness::results::ErrorKind;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use std::fs;

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
        .stderr(contains(format!("{SAME} has lost its times: it is not in the second result")))
        .stderr(contains(format!("{SLOW} has lost its times: it was skipped, no Fortran")));
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
        .stderr(contains(format!("{FAST} has lost its times: signal 11")));
    let mut in_json = compare(&[&before, &after]);
    let output = in_json.args(["--fail-if-slower", "50%", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let comparison: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(comparison["cells"], json!([]));
    assert_eq!(comparison["errors_after"][0]["cell"], FAST);
}

/// The times of twelve processes, each a little slower than the one before, up to this share.
fn spread(nanoseconds: f64, share: f64) -> Vec<f64> {
    (0..12).map(|process| nanoseconds * (1.0 + share * f64::from(process) / 11.0)).collect()
}

/// Runs `--fail-if-slower 5%` on a cell that took 1 ns before and takes these times now.
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
    // The interval runs from the first over the fifth to the fifth over the first: 1.047 to 1.063.
    limit_of_5_percent(&spread(1.055, 0.02))
        .code(3)
        .stdout(contains("SLOWER").and(contains("cannot tell").count(1)))
        .stderr(contains(format!(
            "cannot tell whether 1 cell became slower by more than 5.0%, such as {FAST}"
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
    // A broken line gives exit code 1, which counts more than 3.
    let text = fs::read_to_string(&after).unwrap();
    fs::write(&after, format!("{text}broken\n")).unwrap();
    compare(&[&before, &after]).args(["--fail-if-slower", "0.4%"]).assert().code(1);
}
