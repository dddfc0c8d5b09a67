//! `pi lesson`: its exercises, and the ladder as a table.

use crate::fakes::plain;
use crate::made_up::Session;
use crate::run::pi;
use pi_harness::analysis::ladder::{Rung, rungs};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

const EXERCISES: [&str; 9] =
    ["profile", "map", "pool", "threads", "cpus", "ranks", "gather", "guard", "unpack"];

/// What an exercise needs and this machine lacks, if it says so.
fn is_skipped(stderr: &str) -> bool {
    let needs = std::env::var("LIBPI_REQUIRE").unwrap_or_default();
    stderr.contains("is skipped: there is no") && !needs.contains("mpi")
}

#[test]
fn every_exercise_explains_its_numbers() {
    for exercise in EXERCISES {
        let done = pi().args(["lesson", exercise, "-n", "2000", "--json"]).output().unwrap();
        let stderr = String::from_utf8_lossy(&done.stderr);
        if is_skipped(&stderr) {
            eprintln!("not tested: {stderr}");
            continue;
        }
        assert!(done.status.success(), "{exercise}: {stderr}");
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(answer["exercise"], exercise);
        assert!(answer["numbers"].is_object(), "{answer}");
        let rows = answer["rows"].as_array().unwrap();
        let columns = rows[0].as_array().unwrap().len();
        assert!(rows.len() > 1 && rows.iter().all(|row| row.as_array().unwrap().len() == columns));
        assert!(!answer["explanation"].as_array().unwrap().is_empty(), "{answer}");
        // The list asks the question that the program asks.
        let list = pi().args(["lesson", "--list", "--json"]).output().unwrap();
        let list: Value = serde_json::from_slice(&list.stdout).unwrap();
        let listed = list.as_array().unwrap().iter().find(|one| one["name"] == exercise).unwrap();
        assert_eq!(listed["question"], answer["question"]);
    }
}

#[test]
fn an_exercise_shows_numbers_then_sentences_then_its_program() {
    let shown = pi().args(["lesson", "profile", "-n", "5000"]).env("COLUMNS", "60").assert();
    let shown = shown.success();
    let text = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    let places = ["Where does the time", "random.random", "10,000 calls", "The program: "];
    let places: Vec<usize> = places.iter().map(|words| text.find(words).expect(words)).collect();
    assert!(places.is_sorted(), "{text}");
    let program = text.lines().last().unwrap().strip_prefix("The program: ").unwrap();
    assert!(Path::new(program).is_file(), "{program}");
    assert!(text.lines().filter(|line| !line.contains(program)).all(|line| line.len() <= 60));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (arguments, words) in [
        ("lesson pol", "unknown exercise 'pol' (did you mean 'pool'?)"),
        ("lesson nothing", "the exercises are profile, map, pool"),
        ("lesson no/such.jsonl", "no/such.jsonl"),
        ("lesson pool -n 0", "at least 10"),
        ("lesson pool -n many", "it must be a whole number"),
        ("lesson -n 5", "-n is for an exercise"),
        ("lesson pool --quick", "leave them out"),
        ("lesson pool -o x.jsonl", "leave them out"),
        ("lesson pool --list", "cannot be used with"),
        ("lesson pool --launcher ''", "launcher"),
    ] {
        let words_of = arguments.split(' ').map(|word| if word == "''" { "" } else { word });
        pi().args(words_of).assert().code(2).stdout(is_empty()).stderr(contains(words));
    }
}

#[test]
fn a_launcher_that_is_missing_or_fails_is_named() {
    for (launcher, words) in [
        ("no-such-launcher", "there is no command no-such-launcher"),
        ("false", "fails: exit code"),
    ] {
        let mut exercise = pi();
        exercise.args(["lesson", "gather", "-n", "1000", "--launcher", launcher]);
        let stderr = exercise.assert().code(1).stdout(is_empty()).get_output().stderr.clone();
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        assert!(is_skipped(&stderr) || stderr.contains(words), "{stderr}");
    }
}

/// A program outside the clone of its sources still knows the clone in which it was built, so a folder that
/// looks like a clone stands for one without exercises or Python.
#[test]
fn what_is_missing_in_a_clone_is_named() {
    let clone = tempfile::tempdir().unwrap();
    let own = clone.path().join("target/pi");
    fs::create_dir_all(clone.path().join("target")).unwrap();
    fs::copy(pi().get_program(), &own).unwrap();
    let ladder = clone.path().join("python/ladder");
    fs::create_dir_all(ladder.join("exercises")).unwrap();
    fs::write(ladder.join("ladder.toml"), "").unwrap();
    let exercise = |path: &str| {
        let mut command = assert_cmd::Command::new(&own);
        command.args(["lesson", "pool"]).env("PATH", path);
        command.assert().code(1).stdout(is_empty())
    };
    exercise("/usr/bin").stderr(contains("exercises/pool.py: update the clone"));
    fs::write(ladder.join("exercises/pool.py"), "print('no answer')").unwrap();
    exercise("/no/such/folder").stderr(contains("make setup").and(contains("python3")));
    let programs = clone.path().join("programs");
    fs::create_dir_all(&programs).unwrap();
    let python = |script: &str| {
        let path = programs.join("python3");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        exercise(programs.to_str().unwrap())
    };
    python("echo 3 8").stderr(contains("is Python 3.8").and(contains("3.11 or later")));
    python("echo 3 11").stderr(contains("pool.py prints no answer"));
    python("if [ $1 = -c ]; then echo 3 11; else echo 'no module x' >&2; exit 1; fi")
        .stderr(contains("the exercise pool failed").and(contains("no module x")));
    python("if [ $1 = -c ]; then echo 3 11; else echo 'there is no y' >&2; exit 69; fi")
        .stderr(contains("the exercise pool is skipped: there is no y"));
}

/// The processes of a group. A zombie does not count.
fn processes_of_group(group: &str) -> usize {
    let is_in = |entry: fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields: Vec<&str> =
            stat.rsplit_once(") ").map_or(vec![], |(_, rest)| rest.split(' ').collect());
        matches!(fields[..], [state, _, its, ..] if its == group && state != "Z")
    };
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(is_in)
        .filter(|is_in| *is_in)
        .count()
}

/// The CPU time of a process in user mode, in ticks of the system.
fn ticks_of(pid: &str) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split(' ').nth(11).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}

#[test]
fn an_interrupted_exercise_leaves_no_process() {
    for (exercise, signal) in
        [("pool", Signal::INT), ("threads", Signal::TERM), ("pool", Signal::KILL)]
    {
        let mut command = pi();
        command.args(["lesson", exercise, "-n", "1e9"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        let mut child =
            plain(&command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let python = || {
            let task = format!("/proc/{0}/task/{0}/children", child.id());
            let children = fs::read_to_string(task).unwrap_or_default();
            // A program that has worked for a while is one that pi knows.
            let is_python = |pid: &&str| {
                let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                line.contains("exercises") && ticks_of(pid) >= 20
            };
            children.split_whitespace().find(is_python).map(str::to_owned)
        };
        let ends = Instant::now() + Duration::from_secs(60);
        let group = loop {
            if let Some(python) = python() {
                break python;
            }
            assert!(Instant::now() < ends, "{exercise} does not start");
            sleep(Duration::from_millis(10));
        };
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        let status = child.wait().unwrap();
        assert!(signal == Signal::KILL || status.code() == Some(75), "{exercise}: {status}");
        while processes_of_group(&group) > 0 {
            assert!(Instant::now() < ends, "{exercise} leaves a process after {signal:?}");
            sleep(Duration::from_millis(10));
        }
    }
}

/// The name of a rung's cell.
fn cell(rung: &Rung, places: &str) -> String {
    format!("{}/{places}", rung.cell())
}

/// The first two rungs that count samples.
fn first_two() -> [&'static Rung; 2] {
    let mut rungs = rungs().iter().filter(|rung| !rung.cell().starts_with("square/"));
    [rungs.next().unwrap(), rungs.next().unwrap()]
}

/// A ladder with made-up times: two rungs, and libpi.
fn ladder() -> Session {
    let [first, second] = first_two();
    Session::new("ladder", "ladder", 7)
        .processes(12)
        .with(&cell(first, "1x1"), 200.0, |block| {
            block.info.insert("lines".to_owned(), "9".to_owned());
        })
        .cell(&cell(second, "1x2"), 100.0)
        .cell("philox/rust@x86-64/threads/1x2", 0.5)
        .with("philox/rust@x86-64/threads/1x2", 0.5, |block| block.twin = true)
        .skipped("philox/no-such-rung/serial/1x1", "there is no module x: make setup-ladder")
}

fn table(session: Session, width: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let results = session.write(folder.path(), "ladder.jsonl");
    let mut command = pi();
    command.arg("lesson").arg(results);
    if let Some(width) = width {
        command.env("COLUMNS", width);
    }
    let shown = command.assert().success();
    String::from_utf8_lossy(&shown.get_output().stdout).into_owned()
}

#[test]
fn the_ladder_is_a_table_in_the_order_of_the_lesson() {
    let text = table(ladder(), None);
    let [first, second] = first_two();
    let line = |words: &str| text.lines().find(|line| line.contains(words)).expect(words);
    let fields = |title: &str| -> String {
        let rest = line(title).trim_start().strip_prefix(title).expect(title);
        rest.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let of_first = fields(&first.title);
    assert!(of_first.starts_with("1 9 4.") || of_first.starts_with("1 9 5."), "{of_first}");
    assert!(of_first.ends_with(&format!("- - {}", first.limit)), "{of_first}");
    let of_second = fields(&second.title);
    assert!(of_second.contains(" 2.0") && of_second.ends_with(&second.limit), "{of_second}");
    let of_libpi = line("libpi: Rust, threads");
    assert!(of_libpi.contains(" 400 ") || of_libpi.contains(" 39") || of_libpi.contains(" 40"));
    assert!(text.find(&first.title) < text.find("libpi: Rust"), "{text}");
    assert!(line("skipped: ").contains("make setup-ladder"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with(&format!("{} ", first.title)), "{last}");
    assert!(last.contains("fastest: Rust with threads on 2 threads (philox) × "), "{last}");
    // In a narrow terminal the table fits.
    let narrow = table(ladder(), Some("80"));
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
}

#[test]
fn the_ladder_as_json_has_every_number() {
    let folder = tempfile::tempdir().unwrap();
    let results = ladder().write(folder.path(), "ladder.jsonl");
    let shown = pi().arg("lesson").arg(results).arg("--json").assert().success();
    let shown: Value = serde_json::from_slice(&shown.get_output().stdout).unwrap();
    let rows = shown["rungs"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["rung"], first_two()[0].name);
    assert_eq!((&rows[0]["lines"], &rows[0]["over_loop"]), (&Value::from(9), &Value::Null));
    let over = rows[1]["over_loop"]["value"].as_f64().unwrap();
    assert!((1.9..2.1).contains(&over), "{over}");
    let over = rows[2]["over_before"]["value"].as_f64().unwrap();
    assert!((190.0..210.0).contains(&over), "{over}");
    assert_eq!(rows[2]["rung"], Value::Null);
    assert_eq!(shown["skipped"].as_array().unwrap().len(), 1);
}

#[test]
fn the_report_of_a_ladder_has_its_chapter_and_its_picture_first() {
    let folder = tempfile::tempdir().unwrap();
    let last = rungs().last().unwrap();
    let session = ladder().skipped(&cell(last, "1x9"), "there is no module y");
    let results = session.write(folder.path(), "ladder.jsonl");
    let write = |name: &str| {
        let page = folder.path().join(name);
        pi().arg("report").arg(&results).arg("-o").arg(&page).assert().success();
        fs::read_to_string(page).unwrap()
    };
    let page = write("page.md");
    assert!(page.contains("## The ladder of the lesson"), "{page}");
    let skipped = page.split("Rungs that were skipped").nth(1).expect("a table of skipped rungs");
    assert!(skipped.contains(&last.title) && skipped.contains("there is no module y"), "{page}");
    let picture = write("ladder.svg");
    let places: Vec<usize> = first_two()
        .iter()
        .map(|rung| picture.find(&format!(">{}", rung.title)).expect(&rung.title))
        .collect();
    assert!(places.is_sorted(), "{picture}");
    assert!(picture.contains(">one thread<") && picture.contains("× "), "{picture}");
    // Results of another suite have no such chapter.
    let other = Session::new("default", "matrix", 1).cell("philox/rust@x86-64/serial/1x1", 1.0);
    let results = other.write(folder.path(), "default.jsonl");
    let page = folder.path().join("default.md");
    pi().arg("report").arg(&results).arg("-o").arg(&page).assert().success();
    assert!(!fs::read_to_string(page).unwrap().contains("ladder of the lesson"));
}
