//! The plan: what is skipped, and what is refused before anything is measured.

use super::good;
use crate::fakes::{Place, after_reading};
use crate::run::pi;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use std::fs;

#[test]
fn a_runner_that_needs_what_is_missing_is_skipped_and_shown() {
    let mut place = Place::new();
    place.measured("good", &good());
    place.runner("needy", &good(), "needs = ['no-such-compiler']");
    place.group("needy", "");
    place.runner("fragile", &good(), "version = ['sh', '-c', 'echo no licence >&2; exit 1']");
    place.group("fragile", "");
    place
        .bench(&[])
        .assert()
        .success()
        .stdout(contains("made-up/needy/how/1x1: no-such-compiler is not installed"))
        .stdout(contains("no licence"));
    let skipped = place.results().skipped;
    assert_eq!(skipped.len(), 2);
    assert_eq!(skipped[0].runner, "needy");
    place
        .bench(&["--filter", "made-up/needy"])
        .assert()
        .code(1)
        .stderr(contains("no cell of the suite can run here"));
}

/// As for the crossings of Python, of which any may be missing.
#[test]
fn a_runner_that_lacks_a_driver_is_skipped_for_that_driver_only() {
    let mut place = Place::new();
    let version = "version = ['sh', '-c', 'test $0 = how && echo 1 || { echo no $0 >&2; exit 1; }', '{driver}']";
    place.runner("partial", &good(), version);
    place.group("partial", "drivers = ['how', 'why']");
    place
        .bench(&[])
        .assert()
        .success()
        .stdout(contains("made-up/partial/why/1x1").and(contains("no why")));
    let results = place.results();
    assert_eq!(results.skipped.len(), 1);
    assert_eq!(results.skipped[0].cell, "made-up/partial/why/1x1");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let mut place = Place::new();
    place.measured("one", &good());
    place.runner("needy", &good(), "needs = ['no-such-compiler']");
    place.group("needy", "");
    place
        .bench(&["--dry-run", "--seed", "9", "--processes", "4"])
        .assert()
        .success()
        .stdout(contains("made-up/one/how/1x1").and(contains("(A/A)")))
        .stdout(
            contains("4x").and(contains("8 blocks in rounds, each in a random order from seed 9")),
        )
        .stdout(contains("skipped: made-up/needy/how/1x1"));
    assert!(!place.path("results.jsonl").exists());
}

#[test]
fn a_dry_run_tells_errors_and_speaks_json() {
    let mut place = Place::new();
    place.measured("good", &good());
    place.measured("crashing", &after_reading("echo too late >&2; exit 3"));
    place
        .bench(&["--dry-run"])
        .assert()
        .code(1)
        .stdout(contains("error: made-up/crashing/how/1x1: exit code 3: too late"));
    let output = place.bench(&["--dry-run", "--json", "--processes", "4"]).output().unwrap();
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&plan["processes"], &plan["blocks"]), (&4.into(), &8.into()));
    assert_eq!(plan["cells"][1]["twin"], true);
    assert_eq!(plan["errors"][0]["cell"], "made-up/crashing/how/1x1");
}

#[test]
fn bad_usage_is_refused_before_anything_is_measured() {
    let refuses = |arguments: &[&str], words: &[&str]| {
        let mut assert = pi().arg("bench").args(arguments).assert().code(2).stdout(is_empty());
        for word in words {
            assert = assert.stderr(contains(*word));
        }
    };
    refuses(&["defualt"], &["'defualt'", "did you mean 'default'", "scale"]);
    refuses(&["./no-such-suite.toml"], &["no-such-suite.toml"]);
    refuses(&["--filter", "nothing"], &["none of the", "'nothing'", "--dry-run"]);
    refuses(&["--filter", "philox", "--filter", "typo"], &["none of the", "'typo'"]);
    refuses(&["--filter", "["], &["'['"]);
    refuses(&["--threads", "0"], &["1 to 1024"]);
    refuses(&["--threads", "1024", "--filter", "philox"], &["usable CPU", "--oversubscribe"]);
    refuses(&["--ranks", "4-1"], &["such as 2"]);
    refuses(&["--processes", "0"], &["1..=1000"]);
    refuses(&["--budget", "soon"], &["'soon'"]);
    refuses(&["--seed", "-1"], &["0 or more"]);
    refuses(&["--launcher", " "], &["mpiexec"]);
    refuses(&["--runners", "no-such-table.toml"], &["no-such-table.toml"]);
    refuses(&["-o", "no/such/folder/results.jsonl"], &["no/such/folder", "-o"]);
}

#[test]
fn names_that_could_mean_something_else_are_refused() {
    for (table, suite) in [
        ("name = 'a b'", ""),
        ("", "name = ''"),
        ("", "name = '../up'"),
        ("", r#"name = "a\u001b[2J""#),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let group = "[[cells]]\nwhy = '?'\ngenerators = ['philox']\nkernels = ['rust']\ndrivers = ['serial']";
        let name = if suite.is_empty() { "name = 's'" } else { suite };
        let text = format!("{name}\nquestion = '?'\npicture = 'ladder'\nbudget = '1s'\n{group}\n");
        fs::write(folder.path().join("suite.toml"), text).unwrap();
        let row = if table.is_empty() { "name = 'r'" } else { table };
        fs::write(
            folder.path().join("runners.toml"),
            format!("[[runner]]\n{row}\ncommand = ['a']\n"),
        )
        .unwrap();
        let output = pi()
            .current_dir(folder.path())
            .args(["bench", "./suite.toml", "--runners", "runners.toml", "--dry-run"])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("is not a name for a ") && !said.contains('\u{1b}'), "{said}");
    }
}
