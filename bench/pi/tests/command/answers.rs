//! Only answers go to stdout, whatever libraries print there. An answer that cannot be written is an error.

use predicates::str::{contains, is_empty};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A library that prints on stdout when it is loaded, and when the program ends.
const CHATTY: &str = r#"
#include <stdio.h>
__attribute__((constructor)) static void begin(void) { puts("the library begins"); fflush(stdout); }
__attribute__((destructor)) static void end(void) { puts("the library ends"); }
"#;

fn chatty(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("chatty.c"), folder.join("chatty.so"));
    std::fs::write(&source, CHATTY).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC"]).arg(&source).arg("-o").arg(&library);
    assert!(compiler.status().unwrap().success());
    library
}

/// pi with arguments and an input, under a shell's redirections.
fn pi(arguments: &str, input: &str, redirections: &str, library: Option<&Path>) -> Output {
    let load = library.map(|library| format!("export LD_PRELOAD={}; ", library.display()));
    let load = load.unwrap_or_default();
    let mut child = Command::new("sh")
        .args(["-c", &format!("{load}exec \"$0\" {arguments} {redirections}")])
        .arg(assert_cmd::cargo::cargo_bin("pi"))
        .env("OMP_DISPLAY_ENV", "true")
        .env("OMP_DISPLAY_AFFINITY", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

const REQUEST: &str = "count 1000000\nkernel c\ndriver threads\nthreads 2\n\n";

#[test]
fn what_libraries_print_goes_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let library = chatty(folder.path());
    for (arguments, begins) in [
        ("runner", "version libpi"),
        ("sample -n 1000 --json", "{"),
        ("sample -n 1000", "pi = "),
        ("verify philox/rust/serial --json", "{"),
        ("list --json", "{"),
        ("--help", "Monte Carlo"),
        ("--version", "pi "),
        ("sample --help", ""),
    ] {
        let output = pi(arguments, REQUEST, "", Some(&library));
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments}: {stderr}");
        assert!(stdout.starts_with(begins), "{arguments}: {stdout}");
        assert!(!stdout.contains("the library"), "{arguments}: {stdout}");
        assert!(stderr.contains("the library begins"), "{arguments}: {stderr}");
        assert!(stderr.contains("the library ends"), "{arguments}: {stderr}");
        if arguments.ends_with("--json") {
            serde_json::from_str::<serde_json::Value>(&stdout).unwrap();
        }
    }
}

#[test]
fn an_answer_without_a_stdout_is_an_error() {
    let output = pi("list", "", ">&-", None);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("could not write the output"), "{stderr}");
}

/// The answer does not take a descriptor that is closed.
#[test]
fn an_answer_needs_neither_stdin_nor_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let library = chatty(folder.path());
    for redirections in ["2>&-", "<&-", "<&- 2>&-"] {
        let output = pi("sample -n 1000 --json", "", redirections, Some(&library));
        assert!(output.status.success(), "{redirections}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["count"], 1000, "{redirections}");
    }
}

/// The reader sees the end of the answer when pi has written it, even if a process is left behind.
#[test]
fn no_other_process_holds_the_answer_open() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("pi"))
        .args(["check-runner", "--timeout", "20s", "sh", "-c", "sleep 1000 & exit 3"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut answer = String::new();
    child.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert!(answer.contains("FAILED"), "{answer}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let path = assert_cmd::cargo::cargo_bin("pi");
    let script =
        format!("set -o pipefail; {} list | head -1; echo ${{PIPESTATUS[0]}}", path.display());
    assert_cmd::Command::new("bash")
        .args(["-c", &script])
        .assert()
        .success()
        .stdout(contains("Generators\n0\n"))
        .stderr(is_empty());
}

#[test]
fn a_full_disk_is_a_failure_that_is_told() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
    let output = command.args(["sample", "-n", "1000"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not write the output"));

    // A message that cannot be written must not cause a panic.
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
    let status = command.args(["sample", "-n", "1", "--kernel", "no"]).stderr(full).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

/// A full disk is an error with every command. A closed pipe is not.
#[test]
fn answers_that_cannot_be_written_are_errors() {
    let verify = format!("verify philox/c@{}/serial", libpi::Level::ALL[0]);
    for arguments in [
        "--help",
        "-h",
        "--version",
        "sample --help",
        "list",
        "list --json",
        "info",
        "info --json",
        "sample -n 0",
        "sample -n 0 --json",
        &verify,
        &format!("{verify} --json"),
    ] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
        command.args(arguments.split(' '));
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments}: {said}");
        assert!(said.contains("error: could not write the output: No space left"), "{said}");
        // A reader that closed the pipe has seen enough.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {said}");
        assert!(!said.contains("error"), "{said}");
    }
}
