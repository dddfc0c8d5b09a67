//! What the records of a session say of each cell: its times, or why it has none.

use crate::analysis::intervals::level_text;
use crate::analysis::kind::Kind;
use crate::analysis::order::{LEVEL, PROCESSES_FOR_LEVEL};
use crate::analysis::stats::{self, ENOUGH_PROCESSES, Times};
use crate::failure::CheckFailed;
use crate::number::{counted, share, size};
use crate::results::fault::fault;
use crate::results::{Block, End, ErrorKind, Header, Problem, Results, Skipped};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A session, cell by cell.
#[derive(Debug)]
pub struct Measured {
    pub header: Header,
    /// The cells that have times, by name.
    pub cells: Vec<Cell>,
    /// The blocks that have none, in the order in which they were run.
    pub failures: Vec<Failure>,
    pub skipped: Vec<Skipped>,
    /// How far apart two measurements of the same cell were, if there was an A/A pair.
    pub noise_floor: Option<f64>,
    /// What a reader of the numbers should know.
    pub remarks: Vec<String>,
    /// The lines of the file that could not be read.
    pub problems: Vec<Problem>,
}

/// A cell that was measured, every process and every run of it without an error.
#[derive(Debug)]
pub struct Cell {
    pub key: Key,
    /// One of its blocks, for what they have in common.
    pub block: Block,
    /// Seconds for each sample or, of a crossing, each call.
    pub times: Times,
    /// Blocks during which other processes took more of the CPUs than they should.
    pub disturbed: usize,
}

/// What tells cells apart: the name, and where the same cell was measured at several sizes, which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    name: String,
    weak: bool,
    batch: Option<u64>,
}

impl Key {
    fn of(block: &Block) -> Self {
        Self { name: block.cell.clone(), weak: block.weak, batch: block.batch }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.weak {
            f.write_str(" (weak)")?;
        }
        self.batch.map_or(Ok(()), |batch| write!(f, " (batch {})", size(batch)))
    }
}

/// A block without times.
#[derive(Debug)]
pub struct Failure {
    pub key: Key,
    pub process: u32,
    pub kind: ErrorKind,
    pub message: String,
}

impl Cell {
    pub fn kind(&self) -> Kind {
        Kind::of(&self.block.generator)
    }

    /// On how many CPUs it ran, if each thread had its own.
    pub fn processors(&self) -> u32 {
        self.block.ranks.saturating_mul(self.block.threads)
    }
}

impl Measured {
    /// Reads and sorts out a file.
    ///
    /// # Errors
    /// As [`Results::read`].
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Ok(Self::of(Results::read(path)?))
    }

    pub fn of(results: Results) -> Self {
        let Results { header, blocks, skipped, end, problems } = results;
        let Sorted { cells, failures, noise_floor, blocks } = Sorted::of(blocks);
        // Of a pair that was lost with its lines the session's own word is left.
        let noise_floor = noise_floor.or(end.as_ref().and_then(|end| end.noise_floor));
        let mut remarks: Vec<String> = about_end(end.as_ref());
        remarks.extend(about_cells(&cells, blocks, noise_floor));
        Self { header, cells, failures, skipped, noise_floor, remarks, problems }
    }

    /// The cells of a kind, the fastest first.
    pub fn fastest_first(&self, kind: Kind) -> Vec<&Cell> {
        let mut cells: Vec<(f64, &Cell)> = self
            .cells
            .iter()
            .filter(|cell| cell.kind() == kind)
            .map(|cell| (cell.times.value(), cell))
            .collect();
        cells.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        cells.into_iter().map(|(_, cell)| cell).collect()
    }
}

/// Blocks by cell, and what they say.
struct Sorted {
    cells: Vec<Cell>,
    failures: Vec<Failure>,
    noise_floor: Option<f64>,
    /// How many of them are used.
    blocks: usize,
}

impl Sorted {
    fn of(blocks: Vec<Block>) -> Self {
        let mut failures = Vec::new();
        let mut by_key: BTreeMap<(Key, bool), Vec<Block>> = BTreeMap::new();
        for block in blocks {
            match fault(&block) {
                // A block that was measured again still counts if something went wrong in it.
                None if block.superseded => {}
                None => by_key.entry((Key::of(&block), block.twin)).or_default().push(block),
                Some((kind, message)) => failures.push((
                    block.order,
                    Failure { key: Key::of(&block), process: block.process, kind, message },
                )),
            }
        }
        failures.sort_by_key(|&(order, _)| order);
        let failures: Vec<Failure> = failures.into_iter().map(|(_, failure)| failure).collect();
        // Who fails once has not earned the times at which he seemed to do right.
        let failed: BTreeSet<&Key> = failures.iter().map(|failure| &failure.key).collect();
        by_key.retain(|(key, _), _| !failed.contains(key));

        let used = by_key.values().map(Vec::len).sum();
        let mut cells: Vec<Cell> = Vec::new();
        let mut noise_floor: Option<f64> = None;
        for ((key, twin), blocks) in by_key {
            let Some(times) = times(&blocks) else { continue };
            match cells.last().filter(|cell| cell.key == key) {
                Some(cell) if twin => {
                    let floor = stats::noise_floor(&cell.times, &times);
                    noise_floor = Some(noise_floor.map_or(floor, |largest| largest.max(floor)));
                }
                _ => {
                    let disturbed = blocks.iter().filter(|block| block.disturbed).count();
                    cells.extend(blocks.into_iter().next().map(|block| Cell {
                        key,
                        block,
                        times,
                        disturbed,
                    }));
                }
            }
        }
        Self { cells, failures, noise_floor, blocks: used }
    }
}

/// How far apart the copies of the cells that were measured twice are; the largest counts.
pub fn noise_floor(blocks: Vec<Block>) -> Option<f64> {
    Sorted::of(blocks).noise_floor
}

/// What a reader should know of how a session ended.
fn about_end(end: Option<&End>) -> Vec<String> {
    let Some(end) = end else {
        return vec!["the session was cut off: its last record is missing".to_owned()];
    };
    let mut remarks = Vec::new();
    if end.interrupted {
        remarks.push("the session was interrupted: not all that was planned was measured".into());
    } else if !end.complete {
        remarks.push("not all that was planned was measured".to_owned());
    }
    if let Some(periods) = end.throttled_periods.filter(|&periods| periods > 0) {
        remarks.push(format!(
            "a CPU quota stopped the measured processes {}: use fewer threads than the quota, or \
             raise it",
            counted(periods, "time")
        ));
    }
    remarks
}

/// What a reader should know of cells that were made of so many blocks.
fn about_cells(cells: &[Cell], blocks: usize, noise_floor: Option<f64>) -> Vec<String> {
    let mut remarks = Vec::new();
    if noise_floor.is_none() && !cells.is_empty() {
        remarks.push(
            "there is no A/A pair, so the noise floor is not known: differences are judged by their \
             intervals alone"
                .to_owned(),
        );
    }
    let all = counted(cells.len() as u64, "cell");
    let few = cells.iter().filter(|cell| !cell.times.is_enough()).count();
    if few > 0 {
        remarks.push(format!(
            "{few} of {all}: fewer than {ENOUGH_PROCESSES} processes, so no intervals, and nothing is \
             told of how they differ"
        ));
    }
    let levels = cells.iter().filter_map(|cell| Some(cell.times.estimate().interval?.level));
    let short: Vec<f64> = levels.filter(|&level| level < LEVEL).collect();
    if let Some(least) = short.iter().copied().reduce(f64::min) {
        remarks.push(format!(
            "the intervals of {} of {all} reach less than {}, at least {}: \
             {PROCESSES_FOR_LEVEL} processes reach it",
            short.len(),
            level_text(LEVEL),
            level_text(least)
        ));
    }
    let disturbed: usize = cells.iter().map(|cell| cell.disturbed).sum();
    if disturbed > 0 {
        remarks.push(format!(
            "{disturbed} of {} disturbed by other processes: used nevertheless, and marked *",
            counted(blocks as u64, "block")
        ));
    }
    remarks
}

/// An error if a file could not be read in full: what was shown is then only a part.
pub fn all_read(results: &[&Measured]) -> anyhow::Result<()> {
    let problems: Vec<&Problem> = results.iter().flat_map(|measured| &measured.problems).collect();
    let Some(first) = problems.first() else { return Ok(()) };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more such {})", if more == 1 { "line" } else { "lines" }),
    };
    Err(CheckFailed(format!("{first}{more}; only the rest was used")).into())
}

/// The noise floor in words.
pub fn floor_text(noise_floor: Option<f64>) -> String {
    noise_floor.map_or("noise floor unknown".to_owned(), |f| format!("noise floor {}", share(f)))
}

/// The times of some blocks, for each sample.
fn times(blocks: &[Block]) -> Option<Times> {
    let processes: Vec<Vec<f64>> = blocks
        .iter()
        .map(|block| block.runs.iter().map(|run| run.seconds / block.count as f64).collect())
        .collect();
    Times::of(processes.iter().map(|runs| &runs[..]))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::results::{BlockError, Run};

    /// A session of these blocks.
    pub fn measured(blocks: Vec<Block>) -> Measured {
        let header = serde_json::from_str(r#"{"schema": 1, "suite": "s"}"#).unwrap();
        Measured::of(Results { header, blocks, skipped: vec![], end: None, problems: vec![] })
    }

    /// A block of one run; what its runs counted is as expected.
    fn block(seconds: f64) -> Block {
        let runs = vec![Run { seconds, hits: 785 }];
        Block { count: 1000, expected_hits: Some(785), runs, ..Block::default() }
    }

    #[test]
    fn a_block_that_was_measured_again_gives_no_time_but_its_error_counts() {
        let again = Block { superseded: true, ..block(9.0) };
        let good = measured(vec![again.clone(), block(1.0)]);
        assert_eq!((good.cells[0].times.runs(), good.failures.len()), (1, 0));
        let error = BlockError { kind: ErrorKind::Crash, message: "exit code 3".to_owned() };
        let crashed = Block { error: Some(error), runs: vec![], ..again };
        let bad = measured(vec![crashed, block(1.0)]);
        assert_eq!((bad.cells.len(), bad.failures.len()), (0, 1));
    }
}
