//! What is measured, in which order, and what the results keep.

use super::good;
use crate::fakes::{Place, says};
use pi_harness::results::{Block, Results};
use predicates::str::contains;

/// The cells of a result, in the order in which their blocks ran.
fn order(results: &Results) -> Vec<(u64, String, u32, bool)> {
    let first = results.blocks.iter().filter(|block| !block.superseded);
    first.map(|b| (b.order, b.cell.to_string(), b.process, b.twin)).collect()
}

#[test]
fn every_run_of_every_process_is_kept() {
    let mut place = Place::new();
    place.measured("one", &good());
    place.measured("two", &says("2.5e-6", "785"));
    place.bench(&["--seed", "7"]).assert().success().stderr(contains("warning"));
    let results = place.results();
    assert_eq!(results.header.suite, "fakes");
    assert_eq!(results.header.question, "Do they?");
    assert_eq!(results.header.seed, 7);
    assert!(results.header.command.iter().any(|word| word == "--seed"));
    assert!(results.header.environment["machine"]["cpu"].is_string());
    let used: Vec<&Block> = results.blocks.iter().filter(|block| !block.superseded).collect();
    assert_eq!(used.len(), 3 * 12, "two cells and a twin, twelve processes each");
    for block in &used {
        let seconds = if block.runner == "one" { 1.5e-6 } else { 2.5e-6 };
        assert!(!block.runs.is_empty());
        assert!(block.runs.iter().all(|run| run.seconds == seconds && run.hits == 785));
        assert_eq!((block.count, block.expected_hits), (1000, Some(785)));
        assert_eq!(block.cell.to_string(), format!("made-up/{}/how/1x1", block.runner));
        assert_eq!(block.version, "made-up 1.0");
        assert!(block.cpu_seconds > 0.0 && block.error.is_none());
    }
    let end = results.end.unwrap();
    assert!(end.complete && !end.interrupted);
    assert_eq!(end.noise_floor, Some(0.0), "the same seconds in both of the A/A pair");
    assert_eq!(end.load_after.len(), 3);
}

#[test]
fn the_order_is_mixed_recorded_and_comes_again_with_its_seed() {
    let mut place = Place::new();
    for name in ["a", "b", "c", "d"] {
        place.measured(name, &good());
    }
    let session = |seed: &str| {
        place.bench(&["--seed", seed, "--processes", "3"]).assert().success();
        order(&place.results())
    };
    let first = session("1");
    assert_eq!(first.len(), 5 * 3);
    assert!(first.iter().enumerate().all(|(place, block)| block.0 == place as u64));
    assert_eq!(first, session("1"));
    assert_ne!(first, session("2"));
    // The order is random, but within rounds: each round has one process of every cell.
    for (process, round) in (0..).zip(first.chunks(5)) {
        assert!(round.iter().all(|block| block.2 == process));
    }
    let names = |blocks: &[(u64, String, u32, bool)]| -> Vec<String> {
        blocks.iter().map(|block| block.1.clone()).collect()
    };
    assert!(first.chunks(5).any(|round| !names(round).is_sorted()));
}

#[test]
fn a_seed_that_is_not_given_is_recorded() {
    let mut place = Place::new();
    place.measured("one", &good());
    let seed = || {
        place.bench(&["--processes", "1"]).assert().success();
        place.results().header.seed
    };
    assert_ne!(seed(), seed());
}
