//! Kernels from shared libraries on several ranks, which must have loaded the same files.

use crate::start::{run, script, stderr};
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// A folder for each of two ranks, with a kernel that counts every index, and with these further words in
/// the source of the second.
fn folders(more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (rank, more) in [("0", ""), ("1", more)] {
        let own = folder.path().join(rank);
        fs::create_dir(&own).unwrap();
        let source =
            "typedef unsigned long long u; u all(u s, u f, u n) { (void)s; (void)f; return n; }";
        fs::write(own.join("all.c"), format!("{source}\n{more}\n")).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o", "liball.so", "all.c"]).current_dir(&own);
        assert!(compiler.status().unwrap().success());
    }
    folder
}

/// Each rank counts in its own folder.
fn sample(folder: &TempDir) -> std::process::Output {
    let place = folder.path().display();
    let load = "--load all=liball.so:all --generator every --driver serial --json";
    run(script(&[], &format!("cd {place}/$rank && exec \"$pi\" sample -n 1000000 {load}")))
}

#[test]
fn ranks_count_with_the_same_loaded_kernel() {
    let output = sample(&folders(""));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(said.contains("\"cell\": \"every/all/serial/2x1\""), "{said}");
    assert!(said.contains("\"hits\": 1000000,"), "{said}");
}

#[test]
fn ranks_that_loaded_different_files_are_refused() {
    let output = sample(&folders("int more = 1;"));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("disagree about the files of the loaded kernels"), "{said}");
    assert!(said.contains("every/all "), "{said}");
}

#[test]
fn a_library_that_one_rank_lacks_is_named_with_the_rank() {
    let folder = folders("");
    fs::remove_file(folder.path().join("1/liball.so")).unwrap();
    let output = sample(&folder);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("rank 1: kernel every/all: liball.so: "), "{said}");
}
