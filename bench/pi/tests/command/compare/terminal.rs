//! What fits into a terminal, whose width `COLUMNS` names here.

use super::{FAST, SAME, SLOW, as_json, compare, session};
use crate::made_up::Session;
use crate::run::pi;
use pi_harness::results::Block;
use std::path::Path;

/// What is printed where there is so much room.
fn printed(files: &[&Path], arguments: &[&str], width: usize) -> String {
    let mut command = compare(files);
    let output = command.args(arguments).env("COLUMNS", width.to_string()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// Long names, several levels, disturbed cells, intervals with a level of their own.
fn wide(seed: u64) -> Session {
    let mut session = Session::new("default", "matrix", seed);
    for kernel in ["rust-textbook", "c-textbook", "fortran-textbook"] {
        for driver in ["serial", "openmp-fortran", "my-own-driver-of-a-long-name"] {
            for level in ["x86-64", "x86-64-v3"] {
                let name = format!("philox/{kernel}@{level}/{driver}/128x1024");
                session = session.with(&name, 1.0, |block| block.disturbed = true);
            }
        }
    }
    session.processes_of(FAST, &[0.5; 9]).cell(SAME, 0.5).cell(SLOW, 2.0)
}

fn crossings() -> Session {
    let mut session = Session::new("ffi", "crossing", 3)
        .cell("crossing/fortran-fortran/floor/1x1", 1.0)
        .cell("crossing/fortran-fortran/checked/1x1", 51.0)
        .cell("crossing/c-fortran/checked/1x1", 51.0);
    for exponent in 0..21 {
        let sized = |block: &mut Block| block.batch = Some(1 << exponent);
        let time = 0.5 + 50.0 / f64::from(1 << exponent);
        session = session.with("batch/fortran-fortran/checked/1x1", time, sized);
    }
    session
}

#[test]
fn tables_fit_into_a_terminal_whatever_the_cells_are() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [1, 2].map(|seed| wide(seed).write(folder.path(), &format!("{seed}.jsonl")));
    let ffi = crossings().write(folder.path(), "ffi.jsonl");
    for width in [80, 100] {
        for (files, arguments) in [
            (&[&*a][..], &[][..]),
            (&[&*a, &*b], &[]),
            (&[&*a, &*b], &["--fail-if-slower", "5%"]),
            (&[&*ffi], &[]),
            (&[&*ffi], &["--all"]),
        ] {
            let text = printed(files, arguments, width);
            assert!(widest(&text) <= width, "{width}: {arguments:?}\n{text}");
            assert!(text.contains("best") || files.len() > 1 || arguments.is_empty(), "{text}");
        }
    }
    for arguments in ["list", "info"] {
        let output = pi().arg(arguments).env("COLUMNS", "80").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // The tables are the lines that begin with two spaces, up to the sentences after them.
        let tables = text.split("\nBuilt for").next().unwrap();
        let tables = tables.split("  The smallest limit").next().unwrap();
        let mut tables = tables.lines().filter(|line| line.starts_with("  "));
        assert!(tables.clone().count() > 3, "{text}");
        assert!(tables.all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn what_all_cells_share_is_said_above_them() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::new("levels", "ladder", 1)
        .cell("philox/rust@x86-64-v3/serial/1x1", 0.5)
        .cell("philox/c@x86-64-v3/serial/1x1", 1.0);
    let file = session.write(folder.path(), "a.jsonl");
    let text = printed(&[&file], &[], 80);
    let heading = "philox: level x86-64-v3, driver serial, 1x1, 5 processes each";
    assert!(text.lines().any(|line| line == heading), "{text}");
    assert!(text.contains("  1     rust  "), "{text}");
    // In a pipe every row has the full name and all columns.
    let output = compare(&[&file]).output().unwrap().stdout;
    let piped = String::from_utf8(output).unwrap();
    for word in ["philox/rust@x86-64-v3/serial/1x1", "time/sample", "MAD", "processes"] {
        assert!(piped.contains(word), "{word}: {piped}");
    }
    assert!(printed(&[&file], &[], 200).contains("time/sample"));
}

#[test]
fn names_are_shortened_last_and_keep_their_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = wide(1).write(folder.path(), "a.jsonl");
    let text = printed(&[&file], &[], 80);
    assert!(!text.contains("MAD"), "{text}");
    assert!(text.contains('…') && text.contains("x1024 *"), "{text}");
    // The answer and --json are not touched.
    assert!(!as_json(compare(&[&file]).env("COLUMNS", "80")).to_string().contains('…'));
    let three = session(1).write(folder.path(), "b.jsonl");
    assert!(!printed(&[&three], &[], 80).contains('…'));
}

#[test]
fn cells_that_were_skipped_for_one_reason_are_one_line_in_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(1).skipped("a/b/c/1x1", "no MPI").skipped("a/b/c/1x2", "no compiler");
    let file = session.skipped("a/b/c/1x3", "no MPI").write(folder.path(), "a.jsonl");
    let skipped = |text: &str| text.lines().filter(|line| line.starts_with("skipped")).count();
    let text = printed(&[&file], &[], 80);
    assert_eq!(skipped(&text), 2, "{text}");
    assert!(text.contains("skipped: a/b/c/1x1 and 1 more: no MPI\n"), "{text}");
    let piped = String::from_utf8(compare(&[&file]).output().unwrap().stdout).unwrap();
    assert_eq!(skipped(&piped), 3, "{piped}");
}
