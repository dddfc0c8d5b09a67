//! The plan of a session: what each cell's speed allows within the time, and in which order.

use crate::measure::{Hits, Measurement};
use crate::protocol::Request;
use crate::results::BlockError;
use crate::suite::{Cell, Expected, Suite};
use anyhow::{bail, ensure};
use libpi::cpus::CpuMask;
use libpi::known::COUNTS;
use libpi::{Catalog, Generator, Level, Samples};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Untimed runs at the begin of each process.
const WARMUP: u32 = 1;

/// Timed runs in each process, unless the time allows fewer.
const RUNS: u32 = 5;

/// Processes of each cell, where nothing else is said and the time does not allow more.
const PROCESSES: u32 = 5;

/// The most processes of a cell that are taken to fill the time.
const MOST_PROCESSES: u32 = 50;

/// The fewest and the most samples of a run where the suite leaves it open; at least as many as
/// say something of pi.
const COUNTS_TO_CHOOSE: std::ops::RangeInclusive<u32> = 20..=40;

/// Seconds that no chosen run is meant to exceed: more processes say more than longer runs.
const LONGEST_RUN: f64 = 0.25;

/// Seconds of a run from which on its speed is known well enough to plan with.
const WORTH_TIMING: f64 = 0.005;

/// The least time after which a runner is taken to hang.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How runners are started.
#[derive(Debug)]
pub(crate) struct Start {
    /// What goes before a runner's command on several ranks, with `{ranks}` in it.
    pub(crate) launcher: Vec<String>,
    /// The CPUs to pin to, in the order in which they are taken; none to leave it to the system.
    pub(crate) cpus: Option<Vec<usize>>,
    pub(crate) timeout: Option<Duration>,
}

impl Start {
    /// The whole command of a cell.
    pub(crate) fn command(&self, cell: &Cell) -> Vec<String> {
        let ranks = cell.ranks.to_string();
        let launcher = self.launcher.iter().map(|word| word.replace("{ranks}", &ranks));
        let launcher = launcher.take(if cell.ranks > 1 { usize::MAX } else { 0 });
        launcher.chain(cell.runner.command()).collect()
    }

    /// The CPUs of a cell: as many as it has workers, if there are so many.
    pub(crate) fn cpus(&self, cell: &Cell) -> Option<CpuMask> {
        let cpus = self.cpus.as_ref()?;
        Some(cpus.iter().copied().take(cell.workers() as usize).collect())
    }

    /// When a process that should take so long is taken to hang.
    pub(crate) fn timeout(&self, seconds: f64) -> Duration {
        self.timeout.unwrap_or_else(|| SHORTEST_TIMEOUT + Duration::from_secs_f64(seconds * 20.0))
    }
}

/// The request for a cell.
pub(crate) fn request(cell: &Cell, count: u64, warmup: u32, runs: u32) -> Request {
    let batch = cell.batch.map(|batch| ("batch".to_owned(), batch.to_string()));
    Request {
        generator: cell.generator.clone(),
        seed: cell.seed,
        first: 0,
        count,
        kernel: cell.kernel.clone(),
        driver: cell.driver.clone(),
        ranks: cell.ranks,
        threads: cell.threads,
        warmup,
        runs,
        more: batch.into_iter().chain(cell.more.clone()).collect(),
    }
}

/// How fast a cell is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speed {
    /// Samples a second.
    rate: f64,
    /// Seconds that a process takes beside its runs.
    overhead: f64,
}

/// Finds out how fast a cell is, from a count that is long enough to tell. Nothing if interrupted.
pub(crate) fn speed(
    cell: &Cell,
    fixed: Option<u64>,
    start: &Start,
    interrupted: &AtomicBool,
) -> Option<Result<Speed, BlockError>> {
    let mut count = fixed.unwrap_or(1 << COUNTS_TO_CHOOSE.start());
    let command = start.command(cell);
    let cpus = start.cpus(cell);
    loop {
        let request = request(cell, count, 0, 2);
        let measurement = Measurement {
            command: &command,
            input: &request.to_string(),
            request: &request,
            hits: Hits::Any,
            cpus: cpus.as_ref(),
            timeout: start.timeout(0.0),
            interrupted,
        };
        let (outcome, answer) = measurement.run()?;
        let runs = match answer {
            Ok(answer) => answer.runs,
            Err(error) => return Some(Err(error)),
        };
        let fastest = runs.iter().map(|run| run.seconds).fold(f64::INFINITY, f64::min);
        let timed: f64 = runs.iter().map(|run| run.seconds).sum();
        if fixed.is_some() || fastest >= WORTH_TIMING || count >= 1 << COUNTS_TO_CHOOSE.end() {
            let overhead = outcome.map_or(0.0, |outcome| outcome.seconds - timed);
            return Some(Ok(Speed { rate: count as f64 / fastest, overhead }));
        }
        let factor = (2.0 * WORTH_TIMING / fastest).clamp(2.0, 64.0);
        count <<= factor.log2() as u32;
    }
}

/// A cell with what will be asked of it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) cell: Cell,
    pub(crate) count: u64,
    pub(crate) warmup: u32,
    pub(crate) runs: u32,
    pub(crate) twin: bool,
    /// Seconds that a process is expected to take.
    pub(crate) seconds: f64,
}

/// What is run, and in which order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cells: Vec<Planned>,
    pub(crate) processes: u32,
    /// For each block the number of the cell and that of the process.
    pub(crate) order: Vec<(usize, u32)>,
}

impl Plan {
    /// Makes the most of the seconds: first as many samples a run, then as many processes a cell.
    pub(crate) fn new(
        suite: &Suite,
        cells: Vec<(Cell, Speed)>,
        seconds: f64,
        processes: Option<u32>,
        seed: u64,
    ) -> Self {
        let least = processes.unwrap_or(PROCESSES);
        let twins: Vec<bool> = twins(&cells);
        let copies = cells.len() + twins.iter().filter(|twin| **twin).count();
        let mut planned = Vec::new();
        for (number, group) in suite.groups.iter().enumerate() {
            let members: Vec<&(Cell, Speed)> =
                cells.iter().filter(|(cell, _)| cell.group == number).collect();
            let share = seconds * members.len() as f64 / copies as f64 / f64::from(least);
            let (count, runs) = group_size(group.count, &members, share);
            for (at, (cell, speed)) in cells.iter().enumerate() {
                if cell.group != number {
                    continue;
                }
                let count = cell.count(count);
                let calls = f64::from(WARMUP + runs);
                let seconds = speed.overhead + calls * count as f64 / speed.rate;
                for twin in [false, true] {
                    if twin && !twins[at] {
                        continue;
                    }
                    let cell = cell.clone();
                    planned.push(Planned { cell, count, warmup: WARMUP, runs, twin, seconds });
                }
            }
        }
        let round: f64 = planned.iter().map(|planned| planned.seconds).sum();
        let fitting = (seconds / round) as u32;
        let processes = processes.unwrap_or(fitting.clamp(PROCESSES, MOST_PROCESSES));
        let order = order(planned.len(), processes, seed);
        Self { cells: planned, processes, order }
    }

    /// Seconds that all of it is expected to take.
    pub(crate) fn seconds(&self) -> f64 {
        self.order.iter().map(|&(cell, _)| self.cells[cell].seconds).sum()
    }
}

/// Which cells are measured twice, as if they were two: the first, and the first of those with the
/// most workers, since they are disturbed in other ways.
fn twins(cells: &[(Cell, Speed)]) -> Vec<bool> {
    let workers = |at: &usize| cells[*at].0.workers();
    let most = (0..cells.len()).rev().max_by_key(workers);
    (0..cells.len()).map(|at| at == 0 || Some(at) == most).collect()
}

/// Samples of a run and runs of a process for the cells of a group, which are to take so long, each
/// once.
fn group_size(fixed: Option<u64>, members: &[&(Cell, Speed)], seconds: f64) -> (u64, u32) {
    let overhead: f64 = members.iter().map(|(_, speed)| speed.overhead).sum();
    let for_one = |(cell, speed): &(Cell, Speed)| cell.count(1) as f64 / speed.rate;
    let for_all: f64 = members.iter().map(|member| for_one(member)).sum();
    let slowest = members.iter().map(|member| for_one(member)).fold(0.0, f64::max);
    let left = (seconds - overhead).max(0.0);
    let count = fixed.unwrap_or_else(|| {
        let fitting = left / for_all / f64::from(WARMUP + RUNS);
        let power = fitting.min(LONGEST_RUN / slowest).max(1.0).log2() as u32;
        1 << power.clamp(*COUNTS_TO_CHOOSE.start(), *COUNTS_TO_CHOOSE.end())
    });
    let calls = (left / for_all / count as f64) as u32;
    (count, calls.saturating_sub(WARMUP).clamp(1, RUNS))
}

/// All blocks in rounds, one process of every cell in each, in an order of its own: what drifts
/// meets all cells alike, and what is there after an interruption can be compared.
fn order(cells: usize, processes: u32, seed: u64) -> Vec<(usize, u32)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut blocks = Vec::new();
    for process in 0..processes {
        let mut round: Vec<(usize, u32)> = (0..cells).map(|cell| (cell, process)).collect();
        random.shuffle(&mut round);
        blocks.extend(round);
    }
    blocks
}

/// What generators count: the known counts, else computed once.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    catalog: &'a Catalog,
    computed: BTreeMap<(Generator, u64, u64), u64>,
}

impl<'a> Counts<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, computed: BTreeMap::new() }
    }

    /// What every run of a cell must count.
    ///
    /// # Errors
    /// If two languages disagree about it, or one of them cannot count.
    pub(crate) fn of(&mut self, cell: &Cell, count: u64) -> anyhow::Result<Hits> {
        Ok(match cell.expected {
            Expected::NearPi => Hits::NearPi,
            Expected::Count => Hits::Exactly(count),
            Expected::Hits(hits) => Hits::Exactly(hits),
            Expected::Generator(generator) => {
                Hits::Exactly(self.of_generator(generator, cell.seed, count)?)
            }
        })
    }

    fn of_generator(&mut self, generator: Generator, seed: u64, count: u64) -> anyhow::Result<u64> {
        let known = COUNTS.iter().find(|known| {
            (known.generator, known.seed, known.first, known.count) == (generator, seed, 0, count)
        });
        if let Some(known) = known {
            return Ok(known.hits);
        }
        let key = (generator, seed, count);
        if let Some(hits) = self.computed.get(&key) {
            return Ok(*hits);
        }
        let serial = self.catalog.driver("serial")?;
        let hits = |language: &str| -> anyhow::Result<u64> {
            let kernel = self.catalog.kernel(generator, &format!("{language}@{}", Level::Base))?;
            Ok(kernel.hits(serial, seed, Samples::new(0, count)?, 1)?)
        };
        let (rust, c) = (hits("rust")?, hits("c")?);
        if rust != c {
            bail!(
                "rust counts {rust} hits of {count} samples of {generator}, c counts {c}: run \
                 `pi verify {generator}`"
            );
        }
        ensure!(rust <= count, "{rust} hits of {count} samples of {generator}");
        self.computed.insert(key, rust);
        Ok(rust)
    }
}
