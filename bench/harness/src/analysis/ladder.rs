//! The ladder of the lesson: its rungs in the order in which they are taught, and what each of them gives.
//!
//! `python/ladder/ladder.toml` is the table of the rungs. The first is the lesson's loop in pure Python.

use crate::analysis::cell::Cell;
use crate::analysis::crossings::language;
use crate::analysis::kind::Kind;
use crate::analysis::measured::Measured;
use crate::analysis::stats::Estimate;
use crate::results::Skipped;
use libpi::{Generator, split_level};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../../../python/ladder/ladder.toml");

/// The name of the suite that measures the ladder.
pub const SUITE: &str = "ladder";

/// The key of a runner's `info` line that says how many lines of code the measured program has.
const LINES: &str = "lines";

/// A rung: one way of going faster or parallel.
#[derive(Debug, Deserialize)]
pub struct Rung {
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    generator: String,
    kernel: String,
    driver: String,
    /// What counts: one thread, threads, processes, ranks, or ranks of several threads.
    pub workers: Workers,
    /// What limits its speed, in a sentence.
    pub limit: String,
}

/// The workers of a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workers {
    One,
    Threads,
    Processes,
    Ranks,
    /// Ranks of several threads.
    Hybrid,
}

impl Workers {
    /// The workers in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::One => "one thread",
            Self::Threads => "threads",
            Self::Processes => "processes",
            Self::Ranks => "MPI ranks",
            Self::Hybrid => "MPI ranks of threads",
        }
    }
}

#[derive(Deserialize)]
struct Table {
    #[serde(rename = "rung")]
    rungs: Vec<Rung>,
}

/// The rungs, in the order in which they are taught.
pub fn rungs() -> &'static [Rung] {
    static RUNGS: OnceLock<Vec<Rung>> = OnceLock::new();
    RUNGS.get_or_init(|| toml::from_str::<Table>(TABLE).expect("ladder.toml is valid").rungs)
}

/// A rung on some workers, or a cell of libpi that stands above the ladder.
#[derive(Debug)]
pub struct Step<'a> {
    /// None for a cell that is no rung: it is libpi itself, for comparison.
    pub rung: Option<&'a Rung>,
    pub cell: &'a Cell,
    /// How many times faster it is than the lesson's loop, if that was measured and this is not it.
    pub over_loop: Option<Estimate>,
    /// How many times faster it is than the last step before that does the same kind of work.
    pub over_before: Option<Estimate>,
}

impl Rung {
    fn has(&self, generator: &str, kernel: &str, driver: &str) -> bool {
        (generator, split_level(kernel).0, driver) == (&self.generator, &self.kernel, &self.driver)
    }

    /// The name of its cells without ranks and threads.
    pub fn cell(&self) -> String {
        format!("{}/{}/{}", self.generator, self.kernel, self.driver)
    }

    /// Whether this is the rung of a cell that was skipped.
    fn is_skipped(&self, skipped: &Skipped) -> bool {
        let parts: Vec<&str> = skipped.cell.split('/').collect();
        matches!(parts[..], [generator, kernel, driver, ..] if self.has(generator, kernel, driver))
    }
}

impl Step<'_> {
    /// What it is, in a few words.
    pub fn title(&self) -> String {
        let name = self.cell.key.name();
        match self.rung {
            Some(rung) => rung.title.clone(),
            None => format!("libpi: {}, {}", language(split_level(&name.kernel).0), name.driver),
        }
    }

    /// What limits its speed.
    pub fn limit(&self) -> &str {
        match self.rung {
            Some(rung) => &rung.limit,
            None if self.cell.processors() == 1 => "One core does what it can.",
            None => "The number of cores.",
        }
    }

    /// What counts.
    pub fn kind(&self) -> Workers {
        let name = self.cell.key.name();
        match self.rung {
            Some(rung) => rung.workers,
            None if name.ranks > 1 && name.threads > 1 => Workers::Hybrid,
            None if name.ranks > 1 => Workers::Ranks,
            None if name.threads > 1 => Workers::Threads,
            None => Workers::One,
        }
    }

    /// The workers of the cell: `1`, `2 processes`, `2 ranks × 2 threads`.
    pub fn workers(&self) -> String {
        let name = self.cell.key.name();
        match (self.kind(), name.ranks, name.threads) {
            (_, 1, 1) => "1".to_owned(),
            (Workers::Processes, 1, processes) => format!("{processes} processes"),
            (_, 1, threads) => format!("{threads} threads"),
            (_, ranks, 1) => format!("{ranks} ranks"),
            (_, ranks, threads) => format!("{ranks} ranks × {threads} threads"),
        }
    }

    /// The lines of code of the measured program, if its runner said so.
    pub fn lines(&self) -> Option<u32> {
        self.cell.block.info.get(LINES)?.parse().ok()
    }

    /// Whether it counts samples.
    pub fn is_sampling(&self) -> bool {
        work(self.cell) == "samples"
    }

    /// Samples per second, or tasks.
    pub fn rate(&self) -> f64 {
        1.0 / self.cell.times.value()
    }
}

/// Whether a cell is a rung.
pub fn is_rung(cell: &Cell) -> bool {
    let name = cell.key.name();
    rungs().iter().any(|rung| rung.has(&name.generator, &name.kernel, &name.driver))
}

/// Whether the results are those of the ladder.
pub fn is_ladder(measured: &Measured) -> bool {
    measured.header.suite == SUITE
}

/// The rungs that have times, in the order in which they are taught, the fewest workers first. After them
/// come the cells that are no rungs, the slowest first.
pub fn steps(measured: &Measured) -> Vec<Step<'_>> {
    steps_of(rungs(), measured)
}

/// What a cell counts: samples, whatever their generator, or something else that its generator names.
fn work(cell: &Cell) -> &str {
    let generator = &*cell.key.name().generator;
    if generator.parse::<Generator>().is_ok() { "samples" } else { generator }
}

fn steps_of<'a>(rungs: &'a [Rung], measured: &'a Measured) -> Vec<Step<'a>> {
    let all = measured.cells.iter().filter(|c| c.kind() == Kind::Sample && !c.block.weak);
    let rung_of = |cell: &Cell| {
        let name = cell.key.name();
        rungs.iter().position(|rung| rung.has(&name.generator, &name.kernel, &name.driver))
    };
    let mut cells: Vec<(usize, &Cell)> =
        all.map(|cell| (rung_of(cell).unwrap_or(rungs.len()), cell)).collect();
    cells.sort_by(|(rung, cell), (other_rung, other)| {
        let workers = |cell: &Cell| (cell.processors(), cell.block.cell.ranks);
        let by_workers = || workers(cell).cmp(&workers(other));
        let by_speed = || other.times.value().total_cmp(&cell.times.value());
        rung.cmp(other_rung).then_with(|| match rungs.get(*rung) {
            Some(_) => by_workers(),
            None => by_speed(),
        })
    });
    let the_loop = cells.first().filter(|(rung, _)| *rung == 0).map(|(_, cell)| *cell);
    // The last cell of each kind of work.
    let mut before: BTreeMap<&str, &Cell> = BTreeMap::new();
    let step = |(rung, cell): (usize, &'a Cell)| {
        let faster_than = |other: &Cell| other.times.ratio(&cell.times);
        let over_before = before.insert(work(cell), cell).map(faster_than);
        let is_other = |it: &&Cell| work(it) == work(cell) && !std::ptr::eq(*it, cell);
        let over_loop = the_loop.filter(is_other).map(faster_than);
        Step { rung: rungs.get(rung), cell, over_loop, over_before }
    };
    cells.into_iter().map(step).collect()
}

/// The rungs that were skipped, each with the reason.
pub fn skipped(measured: &Measured) -> Vec<(&'static Rung, &str)> {
    let reason = |rung: &'static Rung| {
        let found = measured.skipped.iter().find(|skipped| rung.is_skipped(skipped))?;
        Some((rung, &*found.reason))
    };
    rungs().iter().filter_map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::{block, measured};
    use crate::results::Block;

    const MADE_UP: &str = "
        [[rung]]
        name = 'loop'
        title = 'the loop'
        generator = 'textbook'
        kernel = 'python'
        driver = 'serial'
        workers = 'one'
        limit = 'The interpreter.'
        modules = ['a key that only Python reads']
        [[rung]]
        name = 'map'
        title = 'map'
        generator = 'square'
        kernel = 'python'
        driver = 'map'
        workers = 'one'
        limit = 'The interpreter.'
        [[rung]]
        name = 'pool'
        title = 'a pool'
        generator = 'philox'
        kernel = 'python'
        driver = 'pool'
        workers = 'processes'
        limit = 'The CPUs.'
        [[rung]]
        name = 'libpi'
        title = 'libpi'
        generator = 'philox'
        kernel = 'libpi'
        driver = 'call'
        workers = 'threads'
        limit = 'The cores.'";

    fn table() -> Vec<Rung> {
        toml::from_str::<Table>(MADE_UP).unwrap().rungs
    }

    /// A session with these cells, in seconds for a thousand samples.
    fn session(cells: &[(&str, f64)]) -> Measured {
        let of = |(name, seconds): &(&str, f64)| -> Vec<Block> {
            let lines = [("lines".to_owned(), "23".to_owned())];
            let info: BTreeMap<_, _> =
                lines.into_iter().filter(|_| name.contains("python")).collect();
            let cell: libpi::CellName = name.parse().unwrap();
            let one = |process| Block {
                cell: cell.clone(),
                process,
                info: info.clone(),
                ..block(*seconds)
            };
            (0..5).map(one).collect()
        };
        measured(cells.iter().flat_map(of).collect())
    }

    #[test]
    fn the_table_of_rungs_begins_with_the_lessons_loop() {
        let first = &rungs()[0];
        assert_eq!(first.workers, Workers::One);
        assert!(rungs().iter().all(|rung| !rung.title.is_empty() && rung.limit.ends_with('.')));
        let cell = |rung: &Rung| (rung.generator.clone(), rung.kernel.clone(), rung.driver.clone());
        let cells = std::collections::BTreeSet::from_iter(rungs().iter().map(cell));
        assert_eq!(cells.len(), rungs().len(), "each rung has a cell of its own");
    }

    #[test]
    fn steps_stand_in_the_order_of_teaching_and_libpi_above_them() {
        let session = session(&[
            ("philox/rust@x86-64/threads/1x2", 0.001),
            ("philox/c@x86-64/serial/1x1", 0.002),
            ("philox/libpi/call/1x2", 0.01),
            ("philox/libpi/call/1x1", 0.02),
            ("philox/python/pool/1x2", 0.5),
            ("textbook/python/serial/1x1", 1.0),
            ("square/python/map/1x1", 0.1),
            ("crossing/c-c/direct/1x1", 1.0),
        ]);
        let rungs = table();
        let steps = steps_of(&rungs, &session);
        let shown = steps.iter().map(|step| {
            let over = |over: Option<Estimate>| over.map(|over| over.value.round());
            let (over_loop, over_before) = (over(step.over_loop), over(step.over_before));
            (step.title(), step.workers(), step.lines(), over_loop, over_before)
        });
        let row = |title: &str, workers: &str, lines, over_loop, over_before| {
            (title.to_owned(), workers.to_owned(), lines, over_loop, over_before)
        };
        let expected = [
            row("the loop", "1", Some(23), None, None),
            // Squares are no samples, so they are held against nothing else.
            row("map", "1", Some(23), None, None),
            row("a pool", "2 processes", Some(23), Some(2.0), Some(2.0)),
            row("libpi", "1", None, Some(50.0), Some(25.0)),
            row("libpi", "2 threads", None, Some(100.0), Some(2.0)),
            row("libpi: C, serial", "1", None, Some(500.0), Some(5.0)),
            row("libpi: Rust, threads", "2 threads", None, Some(1000.0), Some(2.0)),
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        assert_eq!(steps[2].limit(), "The CPUs.");
        assert_ne!(steps[5].limit(), steps[6].limit());
        let sampling: Vec<bool> = steps.iter().map(Step::is_sampling).collect();
        assert_eq!(sampling, [true, false, true, true, true, true, true]);
    }

    #[test]
    fn without_the_loop_nothing_is_held_against_it() {
        let session = session(&[("philox/python/pool/1x2", 0.5), ("philox/libpi/call/1x1", 0.25)]);
        let rungs = table();
        let steps = steps_of(&rungs, &session);
        assert!(steps.iter().all(|step| step.over_loop.is_none()));
        assert_eq!(steps[1].over_before.unwrap().value, 2.0);
    }
}
