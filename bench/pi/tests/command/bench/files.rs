//! The results file: where it may be, and what may happen to it.

use super::good;
use crate::fakes::Place;
use crate::run::pi;
use pi_harness::results::Results;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::process::Command;

#[test]
fn a_file_of_something_else_is_not_replaced() {
    let mut place = Place::new();
    place.measured("one", &good());
    fs::write(place.path("precious.txt"), "precious\n").unwrap();
    place.bench_to("precious.txt", &[]).assert().code(2).stderr(contains("holds no results"));
    assert_eq!(fs::read_to_string(place.path("precious.txt")).unwrap(), "precious\n");
}

#[test]
fn a_full_disk_is_a_failure_that_names_the_file() {
    let mut place = Place::new();
    place.measured("one", &good());
    place
        .bench_to("/dev/full", &[])
        .assert()
        .code(1)
        .stderr(contains("could not write /dev/full").and(contains("space")));
}

/// The file may grow to 16 KiB, which is more than the header needs.
#[test]
fn what_was_written_before_the_disk_was_full_is_kept() {
    let mut place = Place::new();
    place.measured("one", &good());
    let command = place.bench(&["--processes", "100"]);
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let script = format!("ulimit -f 32; exec {}", words.join(" "));
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(command.get_current_dir().unwrap())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("could not write results.jsonl"), "{stderr}");
    let results = Results::read(&place.path("results.jsonl")).unwrap();
    assert!(!results.blocks.is_empty());
    assert!(results.end.is_none_or(|end| !end.complete));
    assert_eq!(results.problems, [], "no line is cut off");
}

#[test]
fn results_may_go_to_stdout_and_everything_else_goes_to_stderr_then() {
    let mut place = Place::new();
    place.measured("one", &good());
    for name in ["-", "/dev/stdout", "/proc/self/fd/1"] {
        let output = place.bench_to(name, &["--processes", "2"]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {stderr}");
        assert!(stderr.contains("processes") && stderr.contains("results on stdout"), "{stderr}");
        fs::write(place.path("results.jsonl"), output.stdout).unwrap();
        let results = place.results();
        assert!(results.end.is_some_and(|end| end.complete), "{name}");
    }
    assert!(!place.path("-").exists());
    place.bench_to("-", &["--json"]).assert().code(2).stderr(contains("--json"));
    place.bench_to("/dev/stderr", &[]).assert().code(2).stderr(contains("messages"));
    place.bench_to("-", &["--dry-run"]).assert().success().stdout(contains("blocks in rounds"));
}

#[test]
fn results_may_go_into_a_pipe_that_has_a_reader() {
    let mut place = Place::new();
    place.measured("one", &good());
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn(move || fs::read(pipe).unwrap());
    place
        .bench_to("pipe", &["--processes", "2"])
        .assert()
        .success()
        .stdout(contains("processes").and(contains("results in pipe")));
    fs::write(place.path("results.jsonl"), reader.join().unwrap()).unwrap();
    assert!(place.results().end.is_some());
}

#[test]
fn results_that_are_gone_at_the_end_are_missed() {
    for (change, words) in [
        ("rm -f results.jsonl", "not in results.jsonl any more"),
        ("mv -f results.jsonl away.jsonl 2>/dev/null", "/away.jsonl"),
        (": > results.jsonl", "results.jsonl are not complete"),
    ] {
        let mut place = Place::new();
        // The sixth process runs after the trials, when the file is being written.
        let count = "echo >> calls; [ $(wc -l < calls) -ne 6 ]";
        place.measured("one", &format!("{count} || {change}\n{}", good()));
        place
            .bench(&["--processes", "20"])
            .assert()
            .code(1)
            .stdout(contains("made-up/one/how/1x1"))
            .stderr(contains(words));
    }
}

#[test]
fn two_sessions_do_not_write_one_file() {
    let mut place = Place::new();
    // The runner of the first session starts a second session.
    let second = format!(
        "'{}' bench ./suite.toml --runners runners.toml -o results.jsonl </dev/null >second 2>&1",
        pi().get_program().to_string_lossy()
    );
    place.measured("one", &format!("[ -e second ] || {second}; echo $? >> second\n{}", good()));
    place.bench(&["--processes", "2"]).assert().success();
    assert_eq!(place.results().problems, []);
    let second = fs::read_to_string(place.path("second")).unwrap();
    assert!(second.contains("is being written by another session"), "{second}");
}

#[test]
fn a_session_without_a_name_for_its_results_makes_a_new_file() {
    let mut place = Place::new();
    place.measured("one", &good());
    let command = place.bench(&[]);
    let arguments: Vec<_> =
        command.get_args().filter(|a| *a != "-o" && *a != "results.jsonl").collect();
    let session = || {
        let mut command = pi();
        command.current_dir(place.path("")).args(&arguments).args(["--processes", "2"]);
        std::thread::spawn(move || command.output().unwrap().status.code())
    };
    let sessions: Vec<_> = (0..3).map(|_| session()).collect();
    for session in sessions {
        assert_eq!(session.join().unwrap(), Some(0));
    }
    let made = fs::read_dir(place.path("")).unwrap().map(|file| file.unwrap().path());
    let made: Vec<_> =
        made.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
    assert_eq!(made.len(), 3, "{made:?}");
    for path in made {
        assert_eq!(Results::read(&path).unwrap().problems, []);
    }
}
