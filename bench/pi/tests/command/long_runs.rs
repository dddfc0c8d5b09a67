//! The commands of the page bench/LONG_RUNS.md run, and do what the page says. Those that need an MPI
//! launcher are left to the tests of ranks.

use crate::run::{json, pi};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../../LONG_RUNS.md");

/// The commands below a heading that need no launcher.
fn commands(heading: &str) -> String {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.filter(|block| !block.contains("mpiexec")).collect()
}

/// Runs them in a folder. Returns what they print.
fn run(commands: &str, folder: &Path) -> String {
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(pi().get_program(), bin.join("pi")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-ec", commands]).current_dir(folder).env("PATH", path);
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}{said}");
    String::from_utf8(output.stdout).unwrap() + &said
}

#[test]
fn counts_to_a_precision_and_for_a_time_are_those_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&commands("To a precision, or for a time"), folder.path());
    assert!(printed.contains("a standard error of 1e-4 needs 269676622 samples"), "{printed}");
    assert_eq!(printed.matches("pi = 3.14").count(), 2, "{printed}");
}

#[test]
fn a_run_is_stopped_as_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&commands("Stopped"), folder.path());
    assert!(printed.contains("stopped       by SIGUSR1"), "{printed}");
    assert!(printed.contains("exit code 75"), "{printed}");
}

#[test]
fn a_run_goes_on_as_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&commands("Checkpoints"), folder.path());
    let hits = format!("{} of 2000000000 samples", json("sample -n 2e9")["hits"]);
    assert!(printed.matches(&hits).count() >= 2, "{printed}");
    let file = folder.path().join("run.json");
    let sum = "head -n -2 run.json | sha256sum";
    assert!(PAGE.contains(&sum.replace("run.json", "FILE").replace('|', "\\|")));
    let output = Command::new("sh").args(["-c", sum]).current_dir(folder.path()).output().unwrap();
    let sum = String::from_utf8_lossy(&output.stdout)[..64].to_owned();
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(&format!("\"checksum\": \"{sum}\"")), "{text}");
    for key in serde_json::from_str::<serde_json::Value>(&text).unwrap().as_object().unwrap().keys()
    {
        assert!(PAGE.contains(&format!("`{key}`")), "the page explains {key}");
    }
}

#[test]
fn parts_are_counted_and_merged_as_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&commands("In parts"), folder.path());
    for words in ["78544189 of 100000000 samples", "785379393 of 1000000000 samples", "exit code 1"]
    {
        assert!(printed.contains(words), "{printed}");
    }
    assert!(printed.contains("pi sample -n 24969216 --first 50003968"), "{printed}");
}
