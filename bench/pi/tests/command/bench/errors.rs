//! Bad runners give an error of the right kind, and never a time.

use super::{SHORT, good};
use crate::fakes::{Place, after_reading, says};
use pi_harness::results::{Block, ErrorKind};
use serde_json::Value;
use std::fs;

#[test]
fn bad_runners_are_errors_told_apart_and_never_a_time() {
    use ErrorKind::{Crash, Launch, Noise, Protocol, Timeout, WrongHits};
    let bad: &[(&str, ErrorKind, &str, &str)] = &[
        ("wrong", WrongHits, "784 hits instead of 785", &says(SHORT, "784")),
        ("versionless", Protocol, "before the version", &after_reading("echo run 1e-6 785")),
        ("lazy", Protocol, "the answer has 0", &after_reading("echo version 1")),
        ("noisy", Noise, "'Hello'", &after_reading("echo Hello; echo version 1")),
        ("crashing", Crash, "exit code 3: too late", &after_reading("echo too late >&2; exit 3")),
        ("killed", Crash, "signal 9", &after_reading("kill -KILL $$")),
        ("hanging", Timeout, "did not end within 1 s", "sleep 1000"),
        ("boasting", Protocol, "the whole process took", &says("1000", "785")),
        ("timeless", Protocol, "0 is not a time", &says("0", "785")),
        ("counting", Protocol, "not a number of hits", &says(SHORT, "-785")),
        ("unstartable", Launch, "could not start", ""),
    ];
    let mut place = Place::new();
    place.measured("good", &good());
    for (name, .., script) in bad {
        place.measured(name, script);
    }
    let unstartable = place.script("unstartable", "");
    fs::write(unstartable, "\u{0}").unwrap();
    let output = place.bench(&["--timeout", "1s", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("made-up/wrong/how/1x1"), "{stderr}");

    let results = place.results();
    for (name, kind, message, _) in bad {
        let errors: Vec<&Block> = results.blocks.iter().filter(|b| b.runner == *name).collect();
        assert!(!errors.is_empty(), "{name} is in the results");
        for block in errors {
            let error = block.error.as_ref().unwrap_or_else(|| panic!("{name} has a time"));
            assert_eq!(error.kind, *kind, "{name}: {}", error.message);
            assert!(error.message.contains(message), "{name}: {}", error.message);
            assert!(block.runs.is_empty(), "{name}");
        }
    }
    assert!(results.blocks.iter().any(|b| b.runner == "good" && !b.runs.is_empty()));
    assert!(!results.end.unwrap().complete);
    let ranking: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cells = ranking["rankings"][0]["cells"].to_string();
    assert!(cells.contains("made-up/good/"), "{cells}");
    for (name, ..) in bad {
        assert!(!cells.contains(&format!("made-up/{name}/")), "{name} has a time: {cells}");
    }
}

/// What reads the results would refuse it: the session says so at once.
#[test]
fn a_time_that_no_machine_reaches_is_an_error() {
    let mut place = Place::new();
    place.runner("boasting", &says("1e-9", "785"), "");
    place.group("boasting", "count = 2_000_000_000_000_000_000");
    place.bench(&[]).assert().code(1);
    let results = place.results();
    let errors: Vec<_> = results.blocks.iter().filter_map(|b| b.error.as_ref()).collect();
    assert!(!errors.is_empty() && errors.len() == results.blocks.len());
    for error in errors {
        assert!(error.kind == ErrorKind::Protocol, "{}", error.message);
        assert!(error.message.contains("no machine is that fast"), "{}", error.message);
    }
}

/// The runner is right in its first processes and wrong in a later one.
#[test]
fn a_cell_that_counts_wrong_once_has_no_time() {
    let mut place = Place::new();
    let fickle = format!(
        "echo >> calls\n[ $(wc -l < calls) -lt 5 ] && h=785 || h=784\n{}",
        says(SHORT, "$h")
    );
    place.measured("fickle", &fickle);
    place.measured("good", &good());
    let output = place.bench(&["--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let results = place.results();
    let of = |name: &str| results.blocks.iter().filter(|b| b.runner == name).collect::<Vec<_>>();
    assert!(of("fickle").iter().any(|block| !block.runs.is_empty()), "it began well");
    let errors = of("fickle").into_iter().filter(|block| block.error.is_some()).count();
    assert_eq!(errors, 1, "after the error no more time is lost on it");
    let ranking: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!ranking["rankings"].to_string().contains("fickle"));
}

#[test]
fn statistical_runners_need_only_come_near_pi() {
    let mut place = Place::new();
    let group = "count = 1000000\nexpected = 'textbook'";
    for (name, hits) in [("near", "785400"), ("far", "790000"), ("beyond", "1000001")] {
        place.runner(name, &says(SHORT, hits), "exact = false");
        place.group(name, group);
    }
    place.bench(&[]).assert().code(1);
    let results = place.results();
    for block in &results.blocks {
        assert_eq!((block.exact, block.expected_hits), (false, None));
        match block.error.as_ref().map(|error| error.kind) {
            None => assert_eq!(block.runner, "near"),
            Some(kind) => {
                assert_eq!(kind, ErrorKind::WrongHits);
                assert_ne!(block.runner, "near");
            }
        }
    }
    assert!(results.blocks.iter().any(|block| block.runner == "near"));
}
