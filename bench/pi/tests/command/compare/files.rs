//! Results files that are damaged, from a later version, or hostile.

use super::{FAST, as_json, compare, session};
use crate::made_up::{Session, is_obeyed};
use crate::run::pi;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use std::fs;
use std::path::Path;

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
    compare(&[&file]).assert().code(1).stderr(contains("line 3: process 0 of this cell"));
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
        let output = pi().args(arguments).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code <= 3), "{arguments:?}");
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).unwrap();
            assert!(!is_obeyed(&text), "{arguments:?}: {text:?}");
            assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{text}");
            let json = arguments.contains(&"--json");
            assert!(json || text.lines().all(|line| line.len() < 8000), "{arguments:?}");
        }
    }
}
