//! The cells of a session, from its records: their times, or why they have none.

use crate::analysis::bounds::Bounds;
use crate::analysis::cell::{Cell, Failure, Key};
use crate::analysis::intervals::level_text;
use crate::analysis::kind::Kind;
use crate::analysis::order::{LEVEL, PROCESSES_FOR_LEVEL};
use crate::analysis::stats::{self, ENOUGH_PROCESSES, Times};
use crate::failure::CheckFailed;
use crate::number::{counted, share};
use crate::results::fault::fault;
use crate::results::{Audited, Block, End, Header, Problem, Results, Skipped};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A session, sorted by cell.
#[derive(Debug)]
pub struct Measured {
    pub header: Header,
    /// The cells that have times, sorted by name.
    pub cells: Vec<Cell>,
    /// The blocks that have no times, in the order in which they ran.
    pub failures: Vec<Failure>,
    pub skipped: Vec<Skipped>,
    /// What the audit found of the kernels.
    pub audits: Vec<Audited>,
    /// The bounds of the kernels.
    pub bounds: Bounds,
    /// The largest gap between two measurements of the same cell, if there was an A/A pair.
    pub noise_floor: Option<f64>,
    /// What a reader should know about the numbers.
    pub remarks: Vec<String>,
    /// The lines of the file that could not be read.
    pub problems: Vec<Problem>,
}

impl Measured {
    /// Reads a file and sorts its records by cell.
    ///
    /// # Errors
    /// The errors of [`Results::read`].
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Ok(Self::of(Results::read(path)?))
    }

    pub fn of(results: Results) -> Self {
        let Results { header, blocks, skipped, audits, end, problems } = results;
        let sorted = Sorted::of(blocks);
        // If the lines of the pair were lost, the session's own noise floor is used.
        let noise_floor = sorted.noise_floor.or(end.as_ref().and_then(|end| end.noise_floor));
        let mut remarks: Vec<String> = about_end(end.as_ref());
        remarks.extend(about_cells(&sorted, noise_floor));
        let Sorted { cells, failures, .. } = sorted;
        let bounds = Bounds::of(&cells, &audits);
        Self { header, cells, failures, skipped, audits, bounds, noise_floor, remarks, problems }
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

/// The blocks of a session, sorted by cell.
struct Sorted {
    cells: Vec<Cell>,
    failures: Vec<Failure>,
    noise_floor: Option<f64>,
    /// The number of blocks that are used.
    blocks: usize,
    /// The number of these that were disturbed.
    disturbed: usize,
}

impl Sorted {
    fn of(blocks: Vec<Block>) -> Self {
        let mut failures = Vec::new();
        let mut by_key: BTreeMap<(Key, bool), Vec<Block>> = BTreeMap::new();
        for block in blocks {
            match fault(&block) {
                // A block that was measured again gives no time, but its error would count.
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
        // A cell that failed once has no times: its other runs cannot be trusted.
        let failed: BTreeSet<&Key> = failures.iter().map(|failure| &failure.key).collect();
        by_key.retain(|(key, _), _| !failed.contains(key));

        let used = || by_key.values().flatten();
        let (used, disturbed) = (used().count(), used().filter(|block| block.disturbed).count());
        let mut cells: Vec<Cell> = Vec::new();
        let mut noise_floor: Option<f64> = None;
        // The second copy of a cell comes after the first.
        for ((key, _), blocks) in by_key {
            let Some(times) = times(&blocks) else { continue };
            match cells.last().filter(|cell| cell.key == key) {
                Some(cell) => {
                    let floor = stats::noise_floor(&cell.times, &times);
                    noise_floor = Some(noise_floor.map_or(floor, |largest| largest.max(floor)));
                }
                None => {
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
        Self { cells, failures, noise_floor, blocks: used, disturbed }
    }
}

/// The noise floor: the largest gap between the two copies of a cell.
pub fn noise_floor(blocks: Vec<Block>) -> Option<f64> {
    Sorted::of(blocks).noise_floor
}

/// What a reader should know about how a session ended.
fn about_end(end: Option<&End>) -> Vec<String> {
    let Some(end) = end else {
        return vec!["the session was cut off: its last record is missing".to_owned()];
    };
    let mut remarks = Vec::new();
    if end.interrupted {
        remarks.push("the session was interrupted: not all planned blocks were measured".into());
    } else if !end.complete {
        remarks.push("not all planned blocks were measured".to_owned());
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

/// What a reader should know about the cells and their differences.
fn about_cells(sorted: &Sorted, noise_floor: Option<f64>) -> Vec<String> {
    let Sorted { cells, blocks, disturbed, .. } = sorted;
    let mut remarks = Vec::new();
    if noise_floor.is_none() && !cells.is_empty() {
        remarks.push(
            "there is no A/A pair, so the noise floor is unknown: only intervals decide whether cells \
             differ"
                .to_owned(),
        );
    }
    let all = counted(cells.len() as u64, "cell");
    let few = cells.iter().filter(|cell| !cell.times.is_enough()).count();
    if few > 0 {
        remarks.push(format!(
            "{few} of {all}: fewer than {ENOUGH_PROCESSES} processes, so no interval and no comparison"
        ));
    }
    let levels = cells.iter().filter_map(|cell| Some(cell.times.estimate().interval?.level));
    let short: Vec<f64> = levels.filter(|&level| level < LEVEL).collect();
    if let Some(least) = short.iter().copied().reduce(f64::min) {
        remarks.push(format!(
            "the intervals of the times of {} of {all} do not reach {}; the lowest level is {}: measure with \
             {PROCESSES_FOR_LEVEL} processes",
            short.len(),
            level_text(LEVEL),
            level_text(least)
        ));
    }
    if *disturbed > 0 {
        remarks.push(format!(
            "other processes disturbed {disturbed} of {}: they are used, and marked *",
            counted(*blocks as u64, "block")
        ));
    }
    remarks
}

/// An error if a file could not be read completely, so that only a part of it was shown.
pub fn all_read(results: &[&Measured]) -> anyhow::Result<()> {
    let problems: Vec<&Problem> = results.iter().flat_map(|measured| &measured.problems).collect();
    let Some(first) = problems.first() else { return Ok(()) };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more such {})", if more == 1 { "line" } else { "lines" }),
    };
    Err(CheckFailed(format!("{first}{more}; pi used only the rest")).into())
}

/// The noise floor in words.
pub fn floor_text(noise_floor: Option<f64>) -> String {
    noise_floor.map_or("noise floor unknown".to_owned(), |f| format!("noise floor {}", share(f)))
}

/// The times of some blocks, per sample or call.
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
    use crate::results::{BlockError, ErrorKind, Run};
    use libpi::CellName;

    /// A session with these blocks.
    pub fn measured(blocks: Vec<Block>) -> Measured {
        let header = serde_json::from_str(r#"{"schema": 1, "suite": "s"}"#).unwrap();
        let (skipped, audits, end, problems) = (vec![], vec![], None, vec![]);
        Measured::of(Results { header, blocks, skipped, audits, end, problems })
    }

    /// A block with one run, which counted the expected hits.
    pub(crate) fn block(seconds: f64) -> Block {
        let runs = vec![Run { seconds, hits: 785 }];
        Block { count: 1000, expected_hits: Some(785), runs, ..Block::default() }
    }

    /// A cell whose processes have these times per sample.
    pub(crate) fn cell_of(times: &[f64]) -> Cell {
        let processes = (0..).zip(times);
        let blocks = processes.map(|(process, time)| Block { process, ..block(time * 1000.0) });
        measured(blocks.collect()).cells.remove(0)
    }

    #[test]
    fn a_block_that_was_measured_again_gives_no_time_but_its_error_counts() {
        let again = Block { superseded: true, ..block(9.0) };
        let good = measured(vec![again.clone(), block(1.0)]);
        assert_eq!((good.cells[0].times.runs(), good.failures.len()), (1, 0));
        assert_eq!(good.cells[0].times.value(), 1e-3, "for each of a thousand samples");
        let error = BlockError { kind: ErrorKind::Crash, message: "exit code 3".to_owned() };
        let crashed = Block { error: Some(error), runs: vec![], ..again };
        let bad = measured(vec![crashed, block(1.0)]);
        assert_eq!((bad.cells.len(), bad.failures.len()), (0, 1));
    }

    /// The blocks of a cell with so many processes.
    fn cell(kernel: &str, processes: u32, seconds: f64, twin: bool) -> Vec<Block> {
        let name: CellName = format!("philox/{kernel}/serial/1x1").parse().unwrap();
        let of = |process| Block { cell: name.clone(), process, twin, ..block(seconds) };
        (0..processes).map(of).collect()
    }

    #[test]
    fn the_noise_floor_is_that_of_the_pair_furthest_apart_and_has_times() {
        let pair = |kernel, again| [cell(kernel, 5, 1.0, false), cell(kernel, 5, again, true)];
        let mut blocks = [pair("a", 1.25), pair("b", 1.5), pair("c", 1.125)].concat().concat();
        assert_eq!(noise_floor(blocks.clone()), Some(0.5));
        assert_eq!(measured(blocks.clone()).noise_floor, Some(0.5));
        // A cell that failed has no time and makes no pair.
        blocks
            .iter_mut()
            .filter(|block| block.cell.kernel == "b")
            .for_each(|block| block.count = 0);
        assert_eq!(noise_floor(blocks.clone()), Some(0.25));
        assert_eq!(measured(blocks).noise_floor, Some(0.25));
        assert_eq!(noise_floor(cell("a", 5, 1.0, false)), None);
    }

    #[test]
    fn what_is_to_be_known_of_cells_is_told() {
        let said = |blocks: Vec<Block>| measured(blocks).remarks[1..].join("; ");
        let pair = |processes| [cell("a", processes, 1.0, false), cell("a", processes, 1.0, true)];
        assert_eq!(said(pair(12).concat()), "");
        assert!(said(cell("a", 12, 1.0, false)).starts_with("there is no A/A pair"));
        assert_eq!(said(vec![]), "", "without cells there is nothing to compare");
        assert!(said(pair(4).concat()).starts_with("1 of 1 cell: fewer than 5 processes"));
        let mixed = [pair(5).concat(), cell("b", 10, 1.0, false), cell("c", 11, 1.0, false)];
        let mixed = said(mixed.concat());
        assert!(mixed.starts_with("the intervals of the times of 2 of 3 cells"), "{mixed}");
        assert!(mixed.contains("lowest level is 76.1%: measure with 12"), "{mixed}");
        let mut blocks = pair(12).concat();
        (blocks[0].disturbed, blocks[23].disturbed) = (true, true);
        assert!(said(blocks).starts_with("other processes disturbed 2 of 24 blocks"));
    }

    #[test]
    fn how_a_session_ended_is_told() {
        let said = |end: End| about_end(Some(&end)).join("; ");
        let complete = || End { complete: true, ..End::default() };
        assert!(about_end(None)[0].contains("cut off"));
        assert_eq!(said(complete()), "");
        assert_eq!(said(End::default()), "not all planned blocks were measured");
        assert!(said(End { interrupted: true, ..complete() }).contains("interrupted"));
        assert!(said(End { throttled_periods: Some(7), ..complete() }).contains("7 times"));
        assert_eq!(said(End { throttled_periods: Some(0), ..complete() }), "");
    }

    #[test]
    fn of_lines_that_could_not_be_read_the_first_is_named() {
        let said = |lines: usize| {
            let problem = |line| Problem { file: "f".into(), line, message: "no".to_owned() };
            let problems = (1..=lines).map(problem).collect();
            all_read(&[&Measured { problems, ..measured(vec![]) }]).map_err(|e| e.to_string())
        };
        assert_eq!(said(0), Ok(()));
        assert_eq!(said(1), Err("f, line 1: no; pi used only the rest".to_owned()));
        assert!(said(4).unwrap_err().contains("line 1: no (and 3 more such lines)"));
    }
}
