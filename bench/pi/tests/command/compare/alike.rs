//! Results that were made under different conditions.

use super::{FAST, SAME, SLOW, as_json, compare, session};
use crate::made_up::Session;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::{Value, json};

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

/// A second compiler of a language counts only if both results have it. Older results have no names of
/// kernels.
#[test]
fn a_second_compiler_is_compared_only_with_itself() {
    let folder = tempfile::tempdir().unwrap();
    let gcc = json!({ "language": "C", "version": "gcc 12", "flags": [] });
    let newer =
        json!({ "language": "C", "kernel": "c", "name": "gcc", "version": "gcc 12", "flags": [] });
    let clang = |version: &str| json!({ "language": "C", "kernel": "c-clang", "name": "clang", "version": version });
    let made = |name: &str, order, compilers: Value| {
        session(order).environment("/build/compilers", compilers).write(folder.path(), name)
    };
    let old = made("old.jsonl", 1, json!([gcc]));
    let with_clang = made("clang.jsonl", 2, json!([newer, clang("clang 19")]));
    let with_other = made("other.jsonl", 3, json!([newer, clang("clang 20")]));
    compare(&[&old, &with_clang]).assert().success();
    compare(&[&with_clang, &old]).assert().success();
    compare(&[&with_clang, &with_other]).assert().code(2).stderr(contains("clang 20"));
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
    busy.stderr(contains("warning: not made alike: load at the start: 0.1 and 0.7"));
    with("/system/load", json!([0.6, 9.0, 9.0])).stderr(contains("load").not());
    with("/system/load", json!(["idle"])).stderr(contains("load").not());
    with("/cpus/mask_at_start", json!("4-7")).stderr(contains("could be used: 0-3 and 4-7"));
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
    let words = "pinning: by pi and none";
    // Older sessions tell it by their command alone; the system may leave a wish unfulfilled.
    for there in [session(2).command(&["pi", "bench", "--no-pin"]), session(2).pinned(false)] {
        let there = there.write(folder.path(), "b.jsonl");
        let refused = compare(&[&here, &there]).assert().code(2).stdout(is_empty());
        refused.stderr(contains(words).and(contains("--anyway")));
        compare(&[&here, &there]).arg("--anyway").assert().success().stderr(contains(words));
    }
    let there =
        session(2).command(&["pi", "--no-pin"]).pinned(true).write(folder.path(), "b.jsonl");
    compare(&[&here, &there]).assert().success();
}
