//! The pictures of a page, and the first one alone.

use super::{all, crossings, drivers, report, scaling};
use crate::made_up::Session;
use pi_harness::results::ErrorKind;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::path::Path;
use std::slice::from_ref;

#[test]
fn every_picture_says_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    report(&all(folder.path()), &page).assert().success();
    let page = fs::read_to_string(page).unwrap();
    let pictures: Vec<&str> = page.split("<svg ").skip(1).collect();
    // Matrix, ladder; twice two curves and a ladder; calls, those into Python, batches: each in two widths.
    assert_eq!(pictures.len(), 2 * (2 + 6 + 3));
    let mut ids = std::collections::BTreeSet::new();
    for picture in pictures {
        let picture = picture.split("</svg>").next().unwrap();
        let labels = picture.split("aria-labelledby=\"").nth(1).unwrap().split('"').next().unwrap();
        for (id, tag) in labels.split(' ').zip(["title", "desc"]) {
            assert!(picture.contains(&format!("<{tag} id=\"{id}\">")), "{id}");
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
        // Colours come from the style sheet, which knows of light and dark.
        assert!(!picture.contains("\"#"), "{picture}");
    }
}

/// The page, and how many pictures it has.
fn pictures(session: Session, folder: &Path) -> (String, usize) {
    let page = folder.join("page.html");
    report(&[session.write(folder, "results.jsonl")], &page).assert().success();
    let page = fs::read_to_string(page).unwrap();
    let wide = page.matches("<svg class=\"wide\"").count();
    (page, wide)
}

#[test]
fn scaling_with_two_points_is_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let (page, two) = pictures(scaling(&[1, 2]), folder.path());
    assert_eq!(two, 2, "the ladders alone");
    assert!(page.contains("efficiency") && page.contains("Karp"), "{page}");
    // Two numbers in one series and two others in another are no line either.
    let apart = scaling(&[1, 2])
        .cell("philox/rust@x86-64/rayon/1x4", 0.3)
        .cell("philox/rust@x86-64/rayon/1x8", 0.2);
    assert_eq!(pictures(apart, folder.path()).1, 2);
    assert_eq!(pictures(scaling(&[1, 2, 4]), folder.path()).1, 2 + 4);
}

#[test]
fn costs_are_above_the_loop_and_marked_by_ring_and_square() {
    let folder = tempfile::tempdir().unwrap();
    let (page, count) = pictures(crossings(), folder.path());
    assert_eq!(count, 3);
    let matrix = page.split("<svg ").nth(1).unwrap();
    assert!(matrix.contains("2.00 ns") && !matrix.contains("3.01 ns"), "{matrix}");
    assert!(!matrix.contains("floor") && !matrix.contains("Python"), "{matrix}");
    assert!(page.split("<svg ").nth(3).unwrap().contains("C → Python, ctypes-callback"));
    let batches = page.split("<svg ").nth(5).unwrap().split("</svg>").next().unwrap();
    // Direct and checked have a cost and so a ring; all three ways have a batch near the best.
    assert_eq!(batches.matches("r=\"8\"").count(), 2, "{batches}");
    assert_eq!(batches.matches("width=\"20\" height=\"20\"").count(), 3, "{batches}");
}

#[test]
fn the_first_picture_is_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for (session, shows) in
        [(drivers(), "3.99 G/s"), (scaling(&[1, 2]), "threads"), (crossings(), "→")]
    {
        let results = session.write(folder.path(), "results.jsonl");
        for name in ["picture.svg", "picture.SVG"] {
            let picture = folder.path().join(name);
            // The second time it replaces a picture of its own making.
            for _ in 0..2 {
                report(from_ref(&results), &picture).assert().success();
            }
            let text = fs::read_to_string(picture).unwrap();
            assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"), "{text}");
            assert_eq!(text.matches("<svg ").count(), 1);
            assert!(text.contains("xmlns=\"http://www.w3.org/2000/svg\""), "{text}");
            // Colours are in the file: light ones, and rules for readers who want dark ones.
            assert!(!text.contains("var(") && text.contains("prefers-color-scheme:dark"), "{text}");
            assert!(text.contains(shows), "{text}");
        }
    }
}

#[test]
fn without_times_there_is_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::new("default", "matrix", 1);
    let session = session.error("philox/c@x86-64/serial/1x1", ErrorKind::Crash, "signal 11");
    let results = session.write(folder.path(), "results.jsonl");
    let picture = folder.path().join("picture.svg");
    report(&[results], &picture)
        .assert()
        .code(1)
        .stderr(contains("no picture").and(contains("no cell has times")));
    assert!(!picture.exists());
}
