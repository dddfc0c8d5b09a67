//! Checks whether the times of a block can be trusted. The harness checked them before it wrote the file.
//! Readers check again, because a file may hold anything.

use crate::analysis::kind::Kind;
use crate::number::counted;
use crate::results::{Block, ErrorKind};
use crate::session::hits::Hits;
use libpi::{CellName, MAX_THREADS};
use pi_protocol::{A_TIME, is_time};

/// The shortest credible time per sample, in seconds. It is more than a million times shorter than with
/// all the threads that a cell may have.
const SHORTEST_SAMPLE: f64 = 1e-18;

/// Why the times of a block are not used, if they are not.
pub fn fault(block: &Block) -> Option<(ErrorKind, String)> {
    let error = block.error.as_ref().map(|error| (error.kind, error.message.clone()));
    let protocol = |message| (ErrorKind::Protocol, message);
    error
        .or_else(|| in_what_was_asked(block).map(protocol))
        .or_else(|| in_hits(block).map(|message| (ErrorKind::WrongHits, message)))
        .or_else(|| in_times(block).map(protocol))
}

fn in_what_was_asked(block: &Block) -> Option<String> {
    let workers = block.cell.ranks.checked_mul(block.cell.threads);
    if block.count == 0 {
        Some("the count is 0, so there is no time per sample".to_owned())
    } else if block.batch == Some(0) {
        Some("the batch is 0: it must be at least 1 sample".to_owned())
    } else if workers.is_none_or(|workers| workers == 0) || block.cell.threads > MAX_THREADS {
        let CellName { ranks, threads, .. } = &block.cell;
        Some(format!(
            "{} of {}: there must be at least 1 of each, and at most {MAX_THREADS} threads",
            counted(*ranks, "rank"),
            counted(*threads, "thread")
        ))
    } else if block.exact && block.expected_hits.is_none() {
        Some("there are no expected hits to check the counts".to_owned())
    } else {
        None
    }
}

fn in_hits(block: &Block) -> Option<String> {
    let expected = block.expected_hits.map_or(Hits::NearPi, Hits::Exactly);
    block.runs.iter().find_map(|run| {
        let wrong = expected.fault(Kind::of(&block.cell.generator), run.hits, block.count)?;
        Some(format!("{} hits{wrong}", run.hits))
    })
}

fn in_times(block: &Block) -> Option<String> {
    if block.runs.is_empty() {
        return Some("there are neither runs nor an error".to_owned());
    }
    block.runs.iter().find_map(|run| in_time(run.seconds, block.count))
}

/// Why no run of so many samples takes this time, if none does.
pub fn in_time(seconds: f64, count: u64) -> Option<String> {
    if !is_time(seconds) {
        Some(format!("a run of {seconds:e} seconds: {A_TIME}"))
    } else if seconds / (count as f64) < SHORTEST_SAMPLE {
        Some(format!("{count} samples in {seconds:e} seconds: no machine is that fast"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Run;

    fn block() -> Block {
        let runs = vec![Run { seconds: 0.5, hits: 785 }; 2];
        Block { count: 1000, expected_hits: Some(785), runs, ..Block::default() }
    }

    fn why(change: impl FnOnce(&mut Block)) -> Option<(ErrorKind, String)> {
        let mut block = block();
        change(&mut block);
        fault(&block)
    }

    #[test]
    fn a_good_block_has_no_fault() {
        assert_eq!(why(|_| ()), None);
        assert_eq!(why(|block| block.batch = Some(1)), None);
        assert_eq!(why(|block| (block.cell.ranks, block.cell.threads) = (1 << 20, 1024)), None);
        assert_eq!(why(|block| (block.exact, block.expected_hits) = (false, None)), None);
    }

    #[test]
    fn impossible_numbers_are_faults() {
        use ErrorKind::{Protocol, WrongHits};
        let said = |kind, words: &str, change: fn(&mut Block)| {
            let (found, message) = why(change).unwrap();
            assert!(found == kind && message.contains(words), "{message}");
        };
        said(Protocol, "count is 0", |block| block.count = 0);
        said(Protocol, "batch is 0", |block| block.batch = Some(0));
        said(Protocol, "0 ranks", |block| block.cell.ranks = 0);
        said(Protocol, "0 threads", |block| block.cell.threads = 0);
        said(Protocol, "1025 threads", |block| block.cell.threads = 1025);
        said(Protocol, "ranks of", |block| {
            (block.cell.ranks, block.cell.threads) = (1 << 22, 1024)
        });
        said(Protocol, "no expected", |block| block.expected_hits = None);
        said(Protocol, "neither runs", |block| block.runs.clear());
        said(WrongHits, "786 hits instead of 785", |block| block.runs[1].hits = 786);
        said(WrongHits, "785 hits of 784 samples", |block| block.count = 784);
        said(Protocol, "no machine", |block| {
            (block.count, block.runs[1].seconds) = (1 << 60, 1e-9);
        });
        said(WrongHits, "five sigma", |block| {
            (block.exact, block.expected_hits, block.count) = (false, None, 1 << 40);
        });
    }

    #[test]
    fn a_time_is_between_a_nanosecond_and_years() {
        for seconds in [0.0, -1.0, 5e-324, 0.9e-9, 1.1e8, 1.7e308, f64::INFINITY, f64::NAN] {
            let (kind, message) = why(|block| block.runs[1].seconds = seconds).unwrap();
            assert!(kind == ErrorKind::Protocol && message.contains(A_TIME), "{message}");
        }
        let fast = |count| {
            why(|block| {
                block.count = count;
                block.runs.iter_mut().for_each(|run| run.seconds = 1.0);
            })
        };
        assert_eq!(fast(1_000_000_000_000_000_000), None);
        assert!(fast(1_100_000_000_000_000_000).unwrap().1.contains("no machine"));
        for seconds in [1e-9, 1e8] {
            assert_eq!(why(|block| block.runs[0].seconds = seconds), None);
        }
    }
}
