//! Names that are not UTF-8: the program, its folder, files, and other arguments.

use pi_harness::results::Results;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, str};

const STRANGE: &[u8] = b"na\xffme";

fn strange() -> &'static OsStr {
    OsStr::from_bytes(STRANGE)
}

/// The command with such a name, in a folder with such a name.
fn strange_pi(folder: &Path) -> PathBuf {
    let inner = folder.join(strange());
    fs::create_dir(&inner).unwrap();
    let (pi, copy) = (assert_cmd::cargo::cargo_bin("pi"), inner.join(strange()));
    fs::hard_link(&pi, &copy).or_else(|_| fs::copy(&pi, &copy).map(drop)).unwrap();
    copy
}

fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{command:?}: {said}");
    (output, said)
}

#[test]
fn a_session_works_under_names_that_are_not_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let pi = strange_pi(folder.path());
    let inner = pi.parent().unwrap();
    let cell = format!("philox/c@{}/serial", libpi::Level::ALL[0]);
    let suite = format!(
        "name = 'small'\nquestion = '?'\npicture = 'matrix'\nbudget = '1ms'\n[[cells]]\nwhy = '?'\n\
         generators = ['philox']\nkernels = ['c@{}']\ndrivers = ['serial']\nranks = [1]\n\
         threads = [1]\ncount = 1000\n",
        libpi::Level::ALL[0]
    );
    fs::write(inner.join("small.toml"), suite).unwrap();
    let succeeds = |arguments: &[&OsStr]| {
        let (output, said) = run(Command::new(&pi).current_dir(inner).args(arguments));
        assert!(output.status.success(), "{arguments:?}: {said}");
        output.stdout
    };
    let (results, page) = (OsStr::from_bytes(b"\xff.jsonl"), OsStr::from_bytes(b"\xff.html"));
    let words = |line: &'static str| line.split(' ').map(OsStr::new).collect::<Vec<_>>();
    succeeds(&words("list"));
    succeeds(&words("sample -n 1000"));
    succeeds(&[OsStr::new("verify"), OsStr::new(&cell)]);
    let info: serde_json::Value = serde_json::from_slice(&succeeds(&words("info --json"))).unwrap();
    assert!(info["command"][0].as_str().unwrap().ends_with(r"na\xffme"), "{info}");
    let mut measure = words("bench ./small.toml --processes 2 --no-pin -o");
    measure.push(results);
    succeeds(&measure);
    let file = inner.join(results);
    let read = Results::read(&file).unwrap();
    assert_eq!(read.header.command.last().unwrap(), r"\xff.jsonl");
    assert!(!read.blocks.is_empty());
    for block in &read.blocks {
        assert!(block.error.is_none() && block.command[0].ends_with(r"/na\xffme/na\xffme"));
    }
    succeeds(&[OsStr::new("compare"), results]);
    succeeds(&[OsStr::new("info"), OsStr::new("--diff"), results, results]);
    succeeds(&[OsStr::new("report"), results, OsStr::new("-o"), page]);
    succeeds(&[OsStr::new("check-runner"), pi.as_os_str(), OsStr::new("runner")]);
    // There are only these files, and none with a changed name.
    let mut files: Vec<_> =
        fs::read_dir(inner).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    let mut expected = [strange(), OsStr::new("small.toml"), results, page];
    expected.sort();
    assert_eq!(files, expected);
}

#[test]
fn arguments_that_are_not_utf8_are_refused_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    for before in [
        "",
        "sample",
        "sample -n",
        "sample -n 1 --kernel",
        "sample -n 1 --driver",
        "sample -n 1 --ranks-from",
        "sample -n 1 --pin",
        "list",
        "verify",
        "info",
        "info --diff nofile",
        "bench",
        "bench --launcher",
        "bench --filter",
        "bench --runners",
        "check-runner",
        "check-runner --kernel",
        "runner",
        "compare",
        "compare nofile",
        "report",
    ] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("pi"));
        command.current_dir(folder.path()).args(before.split_whitespace()).arg(strange());
        let (output, said) = run(&mut command);
        // For check-runner, a runner that cannot be started breaks the protocol.
        let code = if before == "check-runner" { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{before}: {said}");
        assert!(said.contains("error: "), "{before}: {said}");
        str::from_utf8(&output.stderr).expect("messages are text");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{before}");
    }
}
