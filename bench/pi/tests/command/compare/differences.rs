//! Differences between two results.

use super::{FAST, SAME, SLOW, as_json, compare, session};
use crate::fakes::{Place, says};
use crate::made_up::Session;
use crate::run::pi;
use predicates::prelude::*;
use predicates::str::contains;

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
fn where_all_cells_moved_alike_the_machine_did() {
    let folder = tempfile::tempdir().unwrap();
    let before = session(1).write(folder.path(), "a.jsonl");
    let moved = |seed, times: [f64; 3]| {
        let [fast, same, slow] = times;
        let session = Session::new("default", "ladder", seed);
        session.cell(FAST, fast).cell(SAME, same).cell(SLOW, slow).write(folder.path(), "b.jsonl")
    };
    let said = "cells changed by the same ratio, 1.19";
    let after = moved(2, [0.6, 0.6, 2.4]);
    compare(&[&before, &after]).assert().success().stdout(contains(said).and(contains("machine")));
    compare(&[&before, &after])
        .args(["--fail-if-slower", "5%"])
        .assert()
        .code(3)
        .stderr(contains("3 cells").and(contains("so the machine changed")));
    let comparison = as_json(compare(&[&before, &after]).args(["--fail-if-slower", "5%"]));
    assert!((comparison["common_ratio"].as_f64().unwrap() - 1.2).abs() < 0.01, "{comparison}");
    assert_eq!(comparison["cells"][0]["limit"], "cannot_tell");
    let level = comparison["cells"][0]["ratio"]["interval"]["level"].as_f64().unwrap();
    assert!((level - (1.0 - 2.0 / 42.0)).abs() < 1e-9, "{level}");
    compare(&[&after, &before]).assert().stdout(contains("changed by the same ratio, 0.83"));
    // A cell that changes by another ratio, or only two cells that change, do not mean that the machine
    // changed.
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
        .stdout(contains("too few processes").and(contains("0 of 1 cell differ")))
        .stderr(contains("a.jsonl: 1 of 1 cell: fewer"))
        .stderr(contains("b.jsonl: 1 of 1 cell: fewer"));
    compare(&[&before, &after])
        .args(["--fail-if-slower", "50%"])
        .assert()
        .code(3)
        .stderr(contains(format!("such as {FAST}: it has too few processes")))
        .stderr(contains("--processes 5"));
}

/// The seconds are made up, so pi must see exactly the differences that were made.
#[test]
fn a_comparison_finds_what_is_slower_and_nothing_else() {
    let session = |seconds: &str, file: &str| {
        let mut place = Place::new();
        place.measured("kernel", &says(seconds, "785"));
        place.bench_to(file, &[]).assert().success();
        place
    };
    let (before, again) = (session("1.5e-6", "before"), session("1.5e-6", "again"));
    let slower = session("1.65e-6", "slower");
    let compare = |place: &Place, file: &str| {
        let mut command = pi();
        command.arg("compare").arg(before.path("before")).arg(place.path(file));
        command.args(["--fail-if-slower", "5%"]);
        command
    };
    compare(&again, "again").assert().success().stdout(contains("no difference seen"));
    compare(&slower, "slower").assert().code(1).stdout(contains("SLOWER"));
}
