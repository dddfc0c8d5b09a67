//! The bound of the core, in rankings and reports of results with made-up times.

use super::{as_json, compare};
use crate::made_up::{Session, is_obeyed};
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;

/// A core that executes 16 vector instructions in a nanosecond. A sample takes 12 of them in Rust and 24 in C,
/// so their bounds are 1.33 and 0.667 G/s.
fn session() -> Session {
    Session::new("default", "ladder", 5)
        .cell("philox/rust@x86-64-v3/serial/1x1", 1.0)
        .cell("philox/c@x86-64-v3/serial/1x1", 3.0)
        .cell("philox/rust@x86-64-v3/threads/1x2", 0.5)
        .cell("peak/add-256/serial/1x1", 1.0 / 16.0)
        .cell("peak/instructions-256/serial/1x1", 1.0 / 20.0)
        .audit("philox", "rust@x86-64-v3", 12.0)
        .audit("philox", "c@x86-64-v3", 24.0)
}

#[test]
fn a_ranking_says_how_near_each_kernel_comes_to_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let file = session().write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    let of = |cell: &str| {
        let row = cells.iter().find(|row| row["cell"] == format!("philox/{cell}")).unwrap();
        row["bound"].clone()
    };
    let (rust, c) = (of("rust@x86-64-v3/serial/1x1"), of("c@x86-64-v3/serial/1x1"));
    let near = |found: &serde_json::Value, expected: f64| {
        let found = found.as_f64().unwrap();
        assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
    };
    near(&rust["share"], 0.75);
    near(&c["share"], 0.5);
    near(&c["share_of_leanest"], 0.25);
    assert_eq!((&c["limit"], &c["leanest"]), (&"vector slots".into(), &"rust@x86-64-v3".into()));
    assert!(of("rust@x86-64-v3/threads/1x2").is_null(), "the bound is that of one core");
    compare(&[&file])
        .assert()
        .success()
        .stdout(contains("% of this core's bound, limited by vector slots"))
        .stdout(contains("bounds: what the instructions of each kernel allow"))
        .stdout(contains("this core: instructions").not());
    compare(&[&file]).arg("--all").assert().success().stdout(contains("this core: instructions"));
}

#[test]
fn what_is_unequal_is_named_and_older_results_have_no_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let scalar = session().with_audit(|audit| audit.width = pi_audit::Width::Scalar);
    let file = scalar.write(folder.path(), "a.jsonl");
    let unequal = "unequal: philox at x86-64-v3: rust computes with vectors of 256 bits, c computes \
                   with single numbers";
    compare(&[&file]).env("COLUMNS", "200").assert().success().stdout(contains(unequal));
    let old = Session::new("default", "ladder", 5).cell("philox/rust@x86-64-v3/serial/1x1", 1.0);
    let file = old.write(folder.path(), "b.jsonl");
    compare(&[&file]).assert().success().stdout(contains("bound").not());
}

#[test]
fn a_report_shows_the_bound_in_its_picture_and_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let file = session().write(folder.path(), "a.jsonl");
    let page = |name: &str, file: &std::path::Path| {
        let page = folder.path().join(name);
        let mut pi = assert_cmd::Command::cargo_bin("pi").unwrap();
        pi.arg("report").arg(file).arg("-o").arg(&page).assert().success();
        fs::read_to_string(page).unwrap()
    };
    let html = page("a.html", &file);
    // In the picture for a screen and in that for a phone.
    assert_eq!(html.matches(">bound</text>").count(), 2);
    let markdown = page("a.md", &file);
    for words in ["The bound of the core", "vector slots", "| philox/c@x86-64-v3", "16.0 G/s"] {
        assert!(markdown.contains(words), "{words}: {markdown}");
    }
    let old = Session::new("default", "ladder", 5).cell("philox/rust@x86-64-v3/serial/1x1", 1.0);
    let markdown = page("b.md", &old.write(folder.path(), "b.jsonl"));
    assert!(!markdown.contains("bound of"), "{markdown}");
}

#[test]
fn names_in_audits_are_shown_without_control_characters() {
    let folder = tempfile::tempdir().unwrap();
    let bad = "\u{1b}]0;x\u{7}<script>|\u{202e}@x86-64-v3";
    let hostile = session().with_audit(|audit| audit.kernel = bad.to_owned());
    let hostile = hostile.with_audit(|audit| audit.width = pi_audit::Width::Scalar);
    let file = hostile.write(folder.path(), "a.jsonl");
    let shown = compare(&[&file]).output().unwrap().stdout;
    assert!(!is_obeyed(&String::from_utf8(shown).unwrap()));
}
