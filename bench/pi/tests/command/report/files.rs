//! The files that are read and written.

use super::{crossings, drivers, report};
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::slice::from_ref;

#[test]
fn a_page_of_what_could_be_read_is_written_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let text = fs::read_to_string(&results).unwrap();
    fs::write(&results, &text[..text.len() - 20]).unwrap();
    let page = folder.path().join("page.html");
    report(&[results], &page)
        .assert()
        .code(1)
        .stderr(contains("results.jsonl, line").and(contains("cut off")));
    assert!(fs::read_to_string(page).unwrap().contains("the session was cut off"));
}

#[test]
fn what_cannot_be_read_or_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    report(from_ref(&results), Path::new("/nowhere/page.html"))
        .assert()
        .code(1)
        .stderr(contains("/nowhere/page.html"));
    report(from_ref(&results), Path::new("/dev/full"))
        .assert()
        .code(1)
        .stderr(contains("/dev/full"));
    report(&[PathBuf::from("/nowhere.jsonl")], Path::new("/dev/null"))
        .assert()
        .code(2)
        .stderr(contains("/nowhere.jsonl"));
    fs::write(&results, "hello\n").unwrap();
    report(&[results], Path::new("/dev/null")).assert().code(2).stderr(contains("no results"));
}

#[test]
fn results_are_not_replaced_by_their_page() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let text = fs::read_to_string(&results).unwrap();
    let link = folder.path().join("link.html");
    std::os::unix::fs::symlink(&results, &link).unwrap();
    let copy = folder.path().join("hard.html");
    fs::hard_link(&results, &copy).unwrap();
    for page in [&results, &link, &copy, &folder.path().join(".").join("results.jsonl")] {
        report(from_ref(&results), page)
            .assert()
            .code(2)
            .stderr(contains("would replace the results").and(contains("-o")));
        assert_eq!(fs::read_to_string(&results).unwrap(), text);
    }
}

#[test]
fn an_old_page_is_replaced_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let pages = ["page.html", "page.md"].map(|name| folder.path().join(name));
    for page in &pages {
        report(from_ref(&results), page).assert().success();
        let text = fs::read_to_string(page).unwrap();
        fs::set_permissions(page, fs::Permissions::from_mode(0o640)).unwrap();
        report(from_ref(&results), page).assert().success();
        assert_eq!(fs::read_to_string(page).unwrap(), text);
        assert_eq!(fs::metadata(page).unwrap().permissions().mode() & 0o777, 0o640);
    }
    fs::create_dir(folder.path().join("folder.html")).unwrap();
    report(&[results], &folder.path().join("folder.html"))
        .assert()
        .code(2)
        .stderr(contains("folder.html is a folder"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn what_is_no_page_is_replaced_with_force_alone() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    let other = crossings().write(folder.path(), "other.jsonl");
    let text = fs::read_to_string(&other).unwrap();
    let link = folder.path().join("link.html");
    std::os::unix::fs::symlink(&other, &link).unwrap();
    for (page, words) in [(&other, "is not a page made by pi"), (&link, "is a symbolic link")] {
        report(from_ref(&results), page)
            .assert()
            .code(2)
            .stderr(contains(words).and(contains("--force")));
        assert_eq!(fs::read_to_string(&other).unwrap(), text);
    }
    report(from_ref(&results), &link).arg("--force").assert().success();
    assert!(!link.is_symlink() && fs::read_to_string(&other).unwrap() == text);
    report(from_ref(&results), &other).arg("--force").assert().success();
    assert!(fs::read_to_string(&other).unwrap().contains("</html>"));
    report(from_ref(&results), &results).arg("--force").assert().code(2);
}

#[test]
fn a_page_goes_to_stdout_too() {
    let folder = tempfile::tempdir().unwrap();
    let results = drivers().write(folder.path(), "results.jsonl");
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let mut command = report(from_ref(&results), Path::new(name));
        let output = command.current_dir(folder.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"), "{name}: {text}");
    }
    report(&[results], Path::new("/dev/stderr")).assert().code(2).stderr(contains("messages"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_ending_of_markdown_has_no_case() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.MD");
    report(&[drivers().write(folder.path(), "results.jsonl")], &page).assert().success();
    assert!(fs::read_to_string(page).unwrap().contains("\n# libpi"));
}
