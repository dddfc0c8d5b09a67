//! The ranking within one result: ties, errors, and cells without a rank.

use super::{FAST, SAME, SLOW, as_json, compare, session};
use crate::made_up::Session;
use pi_harness::results::{ErrorKind, Run};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;

#[test]
fn a_ranking_shows_ties_as_ties() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1).write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    let places: Vec<_> = cells.iter().map(|c| (c["rank"].as_u64(), c["tied"].as_bool())).collect();
    assert_eq!(places, [(Some(1), Some(true)), (Some(1), Some(true)), (Some(3), Some(false))]);
    assert_eq!(cells[2]["cell"], SLOW);
    let ratio = &cells[2]["ratio_to_best"];
    let [value, low, high] =
        [&ratio["value"], &ratio["interval"]["low"], &ratio["interval"]["high"]]
            .map(|number| number.as_f64().unwrap());
    assert!(3.9 < low && low <= value && value <= high && high < 4.1, "{ratio}");
    assert_eq!(cells[0]["processes"], 5);
    assert_eq!(cells[0]["runs"], 15);
    compare(&[&file])
        .assert()
        .success()
        .stdout(contains("=1").count(2))
        .stdout(contains("sample").and(contains("noise floor 0.50%")));
}

/// The rank and the cell of each row, the fastest first.
fn ranks(session: Session) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = session.write(folder.path(), "a.jsonl");
    let output = compare(&[&file]).output().unwrap().stdout;
    let text = String::from_utf8(output).unwrap();
    let words = text.lines().map(|line| line.split_whitespace().map(str::to_owned));
    let mut rows = words.filter_map(|mut words| Some((words.next()?, words.next()?)));
    rows.by_ref().next();
    rows.filter(|(_, cell)| cell.contains('/')).collect()
}

fn rows(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(rank, cell)| ((*rank).to_owned(), (*cell).to_owned())).collect()
}

#[test]
fn a_noisy_leader_hides_no_difference_between_others() {
    const NOISY: &str = "philox/rust@x86-64/serial/1x1";
    let session = Session::new("default", "ladder", 1)
        .processes_of(NOISY, &[0.2, 0.2, 0.2, 20.0, 20.0])
        .cell(FAST, 0.5)
        .cell(SAME, 1.0)
        .cell(SLOW, 10.0);
    let expected = [("=1", NOISY), ("=1", FAST), ("3", SAME), ("4", SLOW)];
    assert_eq!(ranks(session), rows(&expected));
}

#[test]
fn a_chain_of_small_steps_makes_no_fast_and_slow_equal() {
    let spread = |middle: f64| [0.9, 0.95, 1.0, 1.05, 1.1].map(|factor| factor * middle);
    let session = Session::new("default", "ladder", 1)
        .processes_of(FAST, &spread(1.0))
        .processes_of(SAME, &spread(1.15))
        .processes_of(SLOW, &spread(1.3));
    assert_eq!(ranks(session), rows(&[("=1", FAST), ("=1", SAME), ("3", SLOW)]));
}

#[test]
fn a_cell_of_one_process_has_no_rank() {
    let session = Session::new("default", "ladder", 1)
        .processes_of(FAST, &[0.5])
        .cell(SAME, 1.0)
        .processes_of(SLOW, &[1.0]);
    assert_eq!(ranks(session), rows(&[("-", FAST), ("-", SLOW), ("1", SAME)]));
}

#[test]
fn wrong_hits_never_appear_as_a_time() {
    // The last of five processes counts one hit too few, as if the harness had not checked.
    let folder = tempfile::tempdir().unwrap();
    let good = session(1).write(folder.path(), "good.jsonl");
    let wrong = Session::new("default", "ladder", 1)
        .cell(SLOW, 2.0)
        .cell(SAME, 0.5)
        .cell(FAST, 0.1)
        .spoil(|block| block.runs[2].hits -= 1)
        .write(folder.path(), "wrong.jsonl");
    let ranking = as_json(&mut compare(&[&wrong]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    assert!(cells.len() == 2 && cells.iter().all(|cell| cell["cell"] != FAST), "{ranking}");
    assert_eq!(ranking["errors"][0]["kind"], "wrong-hits");
    compare(&[&wrong])
        .assert()
        .success()
        .stdout(contains(format!("error: {FAST}: wrong-hits: 13177330 hits instead of 13177331")));
    // Compared with a good result, the cell has an error; it is not just missing.
    compare(&[&good, &wrong])
        .assert()
        .success()
        .stdout(contains(format!("only in the first: {FAST}")));
    compare(&[&good, &wrong])
        .args(["--fail-if-slower", "50%"])
        .assert()
        .code(1)
        .stderr(contains(FAST).and(contains("13177330")));
}

#[test]
fn what_cannot_be_a_time_is_an_error_row() {
    let folder = tempfile::tempdir().unwrap();
    let run = |seconds| vec![Run { seconds, hits: 13_177_331 }];
    let file = Session::new("default", "ladder", 1)
        .processes(1)
        .cell("philox/c@a/serial/1x1", 1.0)
        .spoil(|block| block.runs = run(0.0))
        .cell("philox/c@b/serial/1x1", 1.0)
        .spoil(|block| block.runs = run(-1.0))
        .cell("philox/c@c/serial/1x1", 1.0)
        .spoil(|block| block.runs.clear())
        .cell("philox/c@d/serial/1x1", 1.0)
        .spoil(|block| block.count = 0)
        .cell("philox/c@e/serial/1x1", 1.0)
        .spoil(|block| block.expected_hits = None)
        .cell("textbook/c@f/serial/1x1", 1.0)
        .spoil(|block| {
            (block.exact, block.expected_hits) = (false, None);
            block.runs[0].hits = 13_000_000;
        })
        .error("philox/c@g/serial/1x1", ErrorKind::Crash, "signal 11")
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    assert_eq!(ranking["rankings"], json!([]));
    let kinds: Vec<_> = ranking["errors"].as_array().unwrap().iter().map(|e| &e["kind"]).collect();
    let protocol = "protocol";
    assert_eq!(kinds, [protocol, protocol, protocol, protocol, protocol, "wrong-hits", "crash"]);
    compare(&[&file]).assert().success().stdout(contains("no cell has times"));
}

#[test]
fn a_twin_gives_the_noise_floor_and_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        session(1).with(FAST, 0.6, |block| block.twin = true).write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let floor = ranking["noise_floor"].as_f64().unwrap();
    assert!((0.19..0.21).contains(&floor), "{floor}");
    assert_eq!(ranking["rankings"][0]["cells"].as_array().unwrap().len(), 3);
}

#[test]
fn superseded_blocks_are_not_used_and_disturbed_ones_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1)
        .with(FAST, 9.0, |block| block.superseded = true)
        .with("npb/c@x86-64/serial/1x1", 3.0, |block| block.disturbed = true)
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let cells = ranking["rankings"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.iter().find(|c| c["cell"] == FAST).unwrap()["processes"], 5);
    compare(&[&file])
        .assert()
        .stdout(contains("npb/c@x86-64/serial/1x1 *"))
        .stderr(contains("other processes disturbed 5 of 20 blocks"));
}

#[test]
fn calls_samples_and_batches_are_ranked_apart() {
    let folder = tempfile::tempdir().unwrap();
    let batch = |size| move |block: &mut pi_harness::results::Block| block.batch = Some(size);
    let file = session(1)
        .cell("crossing/c-rust/direct/1x1", 2.0)
        .with("batch/c-rust/direct/1x1", 3.0, batch(1))
        .with("batch/c-rust/direct/1x1", 0.5, batch(1 << 20))
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let units: Vec<_> =
        ranking["rankings"].as_array().unwrap().iter().map(|group| &group["unit"]).collect();
    assert_eq!(units, ["sample", "call", "sample"]);
    assert_eq!(ranking["rankings"][2]["cells"].as_array().unwrap().len(), 2);
    compare(&[&file])
        .arg("--all")
        .assert()
        .stdout(contains("time/call").and(contains("(batch 2^20)")));
    // Without --all there is one row for the way, and no row for a batch.
    let short = compare(&[&file]).assert().success();
    short.stdout(
        contains("below 1% from").and(contains("C     Rust  direct")).and(contains("(batch").not()),
    );
}

#[test]
fn generators_and_statistical_and_weak_cells_are_ranked_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1)
        .cell("npb/rust@x86-64/serial/1x1", 0.1)
        .with("philox/rust@x86-64/serial/1x1", 0.01, |block| block.weak = true)
        .with("philox/c-statistical/serial/1x1", 0.01, |block| {
            (block.exact, block.expected_hits) = (false, None);
        })
        .write(folder.path(), "a.jsonl");
    let ranking = as_json(&mut compare(&[&file]));
    let groups = ranking["rankings"].as_array().unwrap();
    let found: Vec<_> = groups
        .iter()
        .map(|group| {
            let first = &group["cells"][0];
            assert_eq!(
                (&first["rank"], &first["ratio_to_best"]["value"]),
                (&1.into(), &1.0.into())
            );
            (group["generator"].as_str(), group["exact"].as_bool(), group["weak"].as_bool())
        })
        .collect();
    let (philox, npb) = (Some("philox"), Some("npb"));
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(found, [(philox, yes, no), (philox, yes, yes), (npb, yes, no), (philox, no, no)]);
    assert_eq!(groups[0]["cells"].as_array().unwrap().len(), 3);
}

#[test]
fn the_answer_stands_below_the_question_and_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = session(1).write(folder.path(), "a.jsonl");
    let output = compare(&[&file]).output().unwrap().stdout;
    let text = String::from_utf8(output).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Which language is fastest, and does the driver matter?");
    assert!(lines[1].starts_with("  philox: "), "{text}");
    let ranking = as_json(&mut compare(&[&file]));
    assert_eq!(ranking["answer"][0].as_str(), lines[1].strip_prefix("  "));
    assert_eq!(ranking["question"], lines[0]);
}

#[test]
fn few_processes_are_said_to_be_few() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::new("default", "ladder", 1).processes(1).cell(FAST, 1.0).cell(SLOW, 2.0);
    let file = session.write(folder.path(), "a.jsonl");
    compare(&[&file]).assert().stderr(contains("fewer than 5 processes"));
}
