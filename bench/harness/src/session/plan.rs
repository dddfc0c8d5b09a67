//! The plan of a session: what each cell's speed allows within the time, and in which order.

use crate::analysis::intervals::level_text;
use crate::analysis::kind::Kind;
use crate::analysis::order::{LEVEL, PROCESSES_FOR_LEVEL, around_quartile};
use crate::analysis::stats::ENOUGH_PROCESSES;
use crate::process::Unpinnable;
use crate::protocol::{Request, error};
use crate::results::{BlockError, ErrorKind};
use crate::session::hits::Hits;
use crate::session::measure::Measurement;
use crate::suite::{Cell, Expected, Suite};
use anyhow::{bail, ensure};
use libpi::cpus::{CpuCount, CpuMask};
use libpi::known::COUNTS;
use libpi::{Catalog, Generator, Level, Samples};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Untimed runs at the begin of each process.
const WARMUP: u32 = 1;

/// Timed runs in each process, unless the time allows fewer.
const RUNS: u32 = 5;

/// Processes of each cell, where nothing else is said and the time does not allow more.
const PROCESSES: u32 = PROCESSES_FOR_LEVEL;

/// The most processes of a cell that are taken to fill the time.
const MOST_PROCESSES: u32 = 50;

/// The fewest and the most samples of a run where the suite leaves it open; at least as many as
/// say something of pi.
const COUNTS_TO_CHOOSE: std::ops::RangeInclusive<u32> = 20..=40;

/// Seconds that no chosen run is meant to exceed: more processes say more than longer runs.
const LONGEST_RUN: f64 = 0.25;

/// Seconds of a run from which on its speed is known well enough to plan with.
const WORTH_TIMING: f64 = 0.005;

/// Samples that are counted between two looks at whether somebody has interrupted.
const SPAN: u64 = 1 << 26;

/// The least time after which a runner is taken to hang.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How runners are started.
#[derive(Debug)]
pub struct Start {
    /// What goes before a runner's command on several ranks, with `{ranks}` in it.
    pub launcher: Vec<String>,
    /// The CPUs to pin to, in the order in which they are taken; none to leave it to the system.
    pub cpus: Option<Vec<usize>>,
    pub timeout: Option<Duration>,
}

impl Start {
    /// The whole command of a cell.
    pub fn command(&self, cell: &Cell) -> Vec<OsString> {
        self.words_before(cell).chain(cell.runner.command()).collect()
    }

    fn words_before(&self, cell: &Cell) -> impl Iterator<Item = OsString> {
        let ranks = cell.ranks.to_string();
        let launcher = self.launcher.iter().map(move |word| word.replace("{ranks}", &ranks).into());
        launcher.take(if cell.ranks > 1 { usize::MAX } else { 0 })
    }

    /// The same, with the runner that the session began with.
    pub fn command_to_start(&self, cell: &Cell) -> Result<Vec<OsString>, BlockError> {
        let runner = cell.runner.command_to_start();
        let runner = runner.map_err(|changed| error(ErrorKind::Launch, changed))?;
        Ok(self.words_before(cell).chain(runner).collect())
    }

    /// The CPUs of a cell: as many as it has workers, if there are so many.
    pub fn cpus(&self, cell: &Cell) -> Option<CpuMask> {
        let cpus = self.cpus.as_ref()?;
        Some(cpus.iter().copied().take(cell.workers() as usize).collect())
    }

    /// When a process that should take so long is taken to hang.
    pub fn timeout(&self, seconds: f64) -> Duration {
        self.timeout
            .unwrap_or_else(|| SHORTEST_TIMEOUT + Duration::from_secs_f64(seconds.max(0.0) * 20.0))
    }
}

/// The request for a cell.
pub fn request(cell: &Cell, count: u64, warmup: u32, runs: u32) -> Request {
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
pub struct Speed {
    /// Samples a second.
    rate: f64,
    /// Seconds that a process takes beside its runs.
    overhead: f64,
}

/// Finds out how fast a cell is, from a count that is long enough to tell. Nothing if interrupted.
///
/// # Errors
/// If it cannot be pinned.
pub fn speed(
    cell: &Cell,
    fixed: Option<u64>,
    start: &Start,
    interrupted: &AtomicBool,
) -> Result<Option<Result<Speed, BlockError>>, Unpinnable> {
    let mut count = fixed.unwrap_or(1 << COUNTS_TO_CHOOSE.start());
    let command = match start.command_to_start(cell) {
        Ok(command) => command,
        Err(error) => return Ok(Some(Err(error))),
    };
    let cpus = start.cpus(cell);
    let mut pauses = 0;
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
        let Some((outcome, answer)) = measurement.run()? else { return Ok(None) };
        let runs = match answer {
            Ok(answer) => answer.runs,
            Err(error) => return Ok(Some(Err(error))),
        };
        // How long it took says nothing then.
        if pauses == 0 && outcome.as_ref().is_some_and(|outcome| outcome.was_paused) {
            pauses += 1;
            continue;
        }
        let fastest = runs.iter().map(|run| run.seconds).fold(f64::INFINITY, f64::min);
        let timed: f64 = runs.iter().map(|run| run.seconds).sum();
        if fixed.is_some() || fastest >= WORTH_TIMING || count >= 1 << COUNTS_TO_CHOOSE.end() {
            let overhead = outcome.map_or(0.0, |outcome| outcome.seconds - timed);
            return Ok(Some(Ok(Speed { rate: count as f64 / fastest, overhead })));
        }
        let factor = (2.0 * WORTH_TIMING / fastest).clamp(2.0, 64.0);
        count <<= factor.log2() as u32;
    }
}

/// A cell with what will be asked of it.
#[derive(Debug)]
pub struct Planned {
    pub cell: Cell,
    pub count: u64,
    pub warmup: u32,
    pub runs: u32,
    pub twin: bool,
    /// Seconds that a process is expected to take.
    pub seconds: f64,
}

/// What is run, and in which order.
#[derive(Debug)]
pub struct Plan {
    pub cells: Vec<Planned>,
    pub processes: u32,
    pub seed: u64,
    /// For each block the number of the cell and that of the process.
    pub order: Vec<(usize, u32)>,
}

impl Plan {
    /// Makes the most of the seconds: first as many samples a run, then as many processes a cell.
    pub fn new(
        suite: &Suite,
        cells: Vec<(Cell, Speed)>,
        seconds: f64,
        processes: Option<u32>,
        seed: u64,
    ) -> Self {
        let least = processes.unwrap_or(PROCESSES);
        let twins = twins(&cells);
        let copies = cells.len() + twins.iter().filter(|twin| **twin).count();
        // What a process of each cell may take, so that all of it fits.
        let share = seconds / copies as f64 / f64::from(least);
        let groups: Vec<Members> =
            (0..suite.groups.len()).map(|group| Members::new(group, &cells, share)).collect();
        let mut sizes: Vec<u64> = groups.iter().map(Members::count).collect();
        if suite.same_count {
            let open = sizes.iter().zip(&groups).filter(|(_, members)| !members.0.is_empty());
            let least = open.map(|(size, _)| *size).min().unwrap_or(1);
            sizes.fill(least);
        }
        for (size, group) in sizes.iter_mut().zip(&suite.groups) {
            *size = group.count.unwrap_or(*size);
        }
        let mut planned = Vec::new();
        for ((cell, speed), twin) in cells.iter().zip(twins) {
            let runs = groups[cell.group].runs(sizes[cell.group]);
            let count = cell.count(sizes[cell.group]);
            let calls = f64::from(WARMUP + runs);
            let seconds = speed.overhead + calls * count as f64 / speed.rate;
            for twin in [false, true].into_iter().take(1 + usize::from(twin)) {
                let cell = cell.clone();
                planned.push(Planned { cell, count, warmup: WARMUP, runs, twin, seconds });
            }
        }
        let round: f64 = planned.iter().map(|planned| planned.seconds).sum();
        let fitting = (seconds / round) as u32;
        let processes = processes.unwrap_or(fitting.clamp(PROCESSES, MOST_PROCESSES));
        let order = order(planned.len(), processes, seed);
        Self { cells: planned, processes, seed, order }
    }

    /// What cannot be expected of so few processes, if they are few.
    pub fn too_few_processes(&self) -> Option<String> {
        let Self { processes, .. } = self;
        let level = around_quartile(*processes as usize).level;
        let what = if *processes < ENOUGH_PROCESSES as u32 {
            "have no intervals, and nothing is told of how they differ".to_owned()
        } else if level < LEVEL {
            format!("have intervals of {}", level_text(level))
        } else {
            return None;
        };
        Some(format!(
            "cells of {processes} processes {what}: {PROCESSES_FOR_LEVEL} reach {}",
            level_text(LEVEL)
        ))
    }

    /// Seconds that all of it is expected to take.
    pub fn seconds(&self) -> f64 {
        // From 0, since the sum of nothing is -0.
        self.order.iter().fold(0.0, |sum, &(cell, _)| sum + self.cells[cell].seconds)
    }
}

/// Which cells are measured twice, as if they were two: of samples, crossings and batches each the
/// first, and the first of those with the most workers, since they are disturbed in other ways.
fn twins(cells: &[(Cell, Speed)]) -> Vec<bool> {
    let kinds: Vec<Kind> = cells.iter().map(|(cell, _)| Kind::of(&cell.generator)).collect();
    let mut twins = vec![false; cells.len()];
    for kind in Kind::ALL {
        let of_kind = || (0..cells.len()).filter(|&at| kinds[at] == kind);
        let most = of_kind().rev().max_by_key(|&at| cells[at].0.workers());
        for at in of_kind().next().into_iter().chain(most) {
            twins[at] = true;
        }
    }
    twins
}

/// The cells of a group, and the seconds in which a process of each should be done.
struct Members<'a>(Vec<&'a (Cell, Speed)>, f64);

impl<'a> Members<'a> {
    fn new(group: usize, cells: &'a [(Cell, Speed)], share: f64) -> Self {
        let members: Vec<_> = cells.iter().filter(|(cell, _)| cell.group == group).collect();
        let overhead: f64 = members.iter().map(|(_, speed)| speed.overhead).sum();
        let seconds = (share * members.len() as f64 - overhead).max(0.0);
        Self(members, seconds)
    }

    /// Seconds for each sample of the group's count, in each cell.
    fn paces(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|(cell, speed)| cell.count(1) as f64 / speed.rate)
    }

    /// The largest power of two that fits.
    fn count(&self) -> u64 {
        let fitting = self.1 / self.paces().sum::<f64>() / f64::from(WARMUP + RUNS);
        let longest = LONGEST_RUN / self.paces().fold(0.0, f64::max);
        let power = fitting.min(longest).max(1.0).log2() as u32;
        1 << power.clamp(*COUNTS_TO_CHOOSE.start(), *COUNTS_TO_CHOOSE.end())
    }

    /// How many runs fit.
    fn runs(&self, count: u64) -> u32 {
        let calls = (self.1 / self.paces().sum::<f64>() / count as f64) as u32;
        calls.saturating_sub(WARMUP).clamp(1, RUNS)
    }
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
pub struct Counts<'a> {
    catalog: &'a Catalog,
    interrupted: &'a AtomicBool,
    computed: BTreeMap<(Generator, u64, u64), u64>,
}

impl<'a> Counts<'a> {
    pub fn new(catalog: &'a Catalog, interrupted: &'a AtomicBool) -> Self {
        Self { catalog, interrupted, computed: BTreeMap::new() }
    }

    /// What every run of a cell must count. Nothing if somebody interrupted.
    ///
    /// # Errors
    /// If two languages disagree about it, or one of them cannot count.
    pub fn of(&mut self, cell: &Cell, count: u64) -> anyhow::Result<Option<Hits>> {
        Ok(match cell.expected {
            Expected::NearPi => Some(Hits::NearPi),
            Expected::Count => Some(Hits::Exactly(count)),
            Expected::Hits(hits) => Some(Hits::Exactly(hits)),
            Expected::Generator(generator) => {
                self.of_generator(generator, cell.seed, count)?.map(Hits::Exactly)
            }
        })
    }

    fn of_generator(
        &mut self,
        generator: Generator,
        seed: u64,
        count: u64,
    ) -> anyhow::Result<Option<u64>> {
        let known = COUNTS.iter().find(|known| {
            (known.generator, known.seed, known.first, known.count) == (generator, seed, 0, count)
        });
        if let Some(known) = known {
            return Ok(Some(known.hits));
        }
        let key = (generator, seed, count);
        if let Some(hits) = self.computed.get(&key) {
            return Ok(Some(*hits));
        }
        let samples = Samples::new(0, count)?;
        // Another language, level and driver, and in other parts: they share no code.
        let base = format!("rust@{}", Level::Base);
        let rust = self.count(generator, &base, "serial", seed, samples)?;
        let c = self.count(generator, "c", "threads", seed, samples)?;
        let Some((rust, c)) = rust.zip(c) else { return Ok(None) };
        if rust != c {
            bail!(
                "rust counts {rust} hits of {count} samples of {generator}, c counts {c}: run \
                 `pi verify {generator}`"
            );
        }
        ensure!(rust <= count, "{rust} hits of {count} samples of {generator}");
        self.computed.insert(key, rust);
        Ok(Some(rust))
    }

    /// Counts, under another driver than serial on all usable CPUs.
    fn count(
        &self,
        generator: Generator,
        kernel: &str,
        driver: &str,
        seed: u64,
        samples: Samples,
    ) -> anyhow::Result<Option<u64>> {
        let kernel = self.catalog.kernel(generator, kernel)?;
        let driver = self.catalog.driver(driver)?;
        let usable = CpuCount::of_this_process().usable.min(libpi::MAX_THREADS);
        let threads = if driver.name() == "serial" { 1 } else { usable };
        let mut hits = 0u64;
        for span in samples.spans(SPAN) {
            if self.interrupted.load(Ordering::Relaxed) {
                return Ok(None);
            }
            hits = hits.wrapping_add(kernel.hits(driver, seed, span, threads)?);
        }
        Ok(Some(hits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runners::Table;
    use crate::suite::Places;

    const HEAD: &str = "name = 't'\nquestion = '?'\npicture = 'ladder'\nbudget = '1s'\n";
    const GROUP: &str = "[[cells]]\nwhy = '?'\nrunner = 'plain-c'\ngenerators = ['philox']\n";

    /// A plan for cells of these speeds, in a group each.
    fn plan(head: &str, rates: &[f64], more: &str, seconds: f64, processes: Option<u32>) -> Plan {
        let groups = rates.iter().enumerate().map(|(number, _)| {
            format!("{GROUP}kernels = ['k{number}']\ndrivers = ['d']\n{more}\n")
        });
        let suite: Suite =
            toml::from_str(&format!("{HEAD}{head}{}", groups.collect::<String>())).unwrap();
        let places = Places { usable: 4, ranks: None, threads: None, oversubscribe: false };
        let cells = suite.cells(Catalog::here(), &Table::read(None).unwrap(), &places).unwrap();
        let speeds = rates.iter().map(|&rate| Speed { rate, overhead: 0.01 });
        Plan::new(&suite, cells.into_iter().zip(speeds).collect(), seconds, processes, 1)
    }

    #[test]
    fn the_time_is_spent_on_samples_then_on_processes() {
        for seconds in [48.0, 144.0, 480.0] {
            let plan = plan("", &[1e9, 1e8, 1e7], "", seconds, None);
            let spent = plan.seconds();
            assert!(spent <= seconds, "{spent} of {seconds}");
            // A count is a power of two, and no more processes than fit are added.
            assert!(spent > seconds / 3.0, "{spent} of {seconds}");
            assert!(plan.processes >= PROCESSES && plan.processes <= MOST_PROCESSES);
            assert!(plan.cells.iter().all(|planned| planned.runs == RUNS));
            assert!(plan.cells.iter().all(|p| p.count.is_power_of_two() && p.count >= 1 << 20));
        }
        let counts: Vec<u64> =
            plan("", &[1e9, 1e8], "", 60.0, None).cells.iter().map(|p| p.count).collect();
        assert!(counts[0] >= 4 * counts[2], "the faster has more samples: {counts:?}");
    }

    #[test]
    fn a_fixed_count_leaves_the_runs_and_the_processes() {
        let scarce = plan("", &[1e8], "count = '2^24'", 1.0, None);
        assert_eq!((scarce.cells[0].count, scarce.cells[0].runs), (1 << 24, 1));
        assert_eq!(scarce.processes, PROCESSES, "as many even if they take longer");
        let ample = plan("", &[1e8], "count = '2^24'", 100.0, None);
        assert_eq!(ample.cells[0].runs, RUNS);
        assert!(ample.processes > PROCESSES);
        assert_eq!(plan("", &[1e8], "", 100.0, Some(2)).processes, 2);
    }

    #[test]
    fn processes_that_are_too_few_for_the_level_are_told() {
        let said = |processes| plan("", &[1e8], "", 1.0, Some(processes)).too_few_processes();
        assert!(said(4).unwrap().contains("nothing is told"));
        let five = said(5).unwrap();
        assert!(five.contains("76.1%") && five.contains("12 reach 95%"), "{five}");
        assert!(said(10).unwrap().contains("94.3%"));
        assert_eq!((said(11), said(PROCESSES)), (None, None));
    }

    #[test]
    fn one_count_for_all_where_the_suite_wants_it() {
        let counts = |head| -> Vec<u64> {
            plan(head, &[1e9, 1e7], "", 60.0, None).cells.iter().map(|p| p.count).collect()
        };
        let counts_apart = counts("");
        assert_ne!(counts_apart[0], counts_apart[2]);
        let same = counts("same_count = true\n");
        assert!(same.iter().all(|count| *count == counts_apart[2]), "{same:?}");
    }

    #[test]
    fn the_first_cell_and_the_first_of_the_widest_are_measured_twice() {
        let twins = |more: &str| -> Vec<String> {
            let plan = plan("", &[1e9], more, 1.0, None);
            plan.cells.into_iter().filter(|p| p.twin).map(|p| p.cell.name).collect()
        };
        assert_eq!(twins("threads = [1]"), ["philox/k0/d/1x1"]);
        let plan = plan("", &[1e9, 1e9], "threads = [1, 2]", 1.0, None);
        assert_eq!(plan.cells.iter().filter(|planned| planned.twin).count(), 2);
    }

    #[test]
    fn samples_crossings_and_batches_each_have_their_own_pair() {
        let line = |generator: &str| {
            format!(
                "{HEAD}[[cells]]\nwhy = '?'\nrunner = 'plain-c'\nkernels = ['a-b', 'b-a']\n\
                 drivers = ['d']\ngenerators = {generator}\nexpected = 'count'\n"
            )
        };
        let suite: Suite = toml::from_str(&line("['crossing', 'batch', 'philox']")).unwrap();
        let places = Places { usable: 1, ranks: None, threads: None, oversubscribe: false };
        let cells = suite.cells(Catalog::here(), &Table::read(None).unwrap(), &places).unwrap();
        let speed = Speed { rate: 1e9, overhead: 0.01 };
        let cells: Vec<_> = cells.into_iter().map(|cell| (cell, speed)).collect();
        assert_eq!(twins(&cells), [true, false, true, false, true, false]);
    }

    #[test]
    fn the_order_is_mixed_round_by_round_and_follows_from_the_seed() {
        let blocks = order(10, 3, 7);
        assert_eq!(blocks, order(10, 3, 7));
        assert_ne!(blocks, order(10, 3, 8));
        for (process, round) in (0..).zip(blocks.chunks(10)) {
            let mut cells: Vec<usize> = round.iter().map(|(cell, _)| *cell).collect();
            assert!(round.iter().all(|(_, of)| *of == process));
            assert!(!cells.is_sorted(), "round {process} is in order");
            cells.sort_unstable();
            assert_eq!(cells, Vec::from_iter(0..10));
        }
    }

    #[test]
    fn what_is_not_known_is_computed() {
        let going_on = AtomicBool::new(false);
        let mut counts = Counts::new(Catalog::here(), &going_on);
        let known = counts.of_generator(Generator::Philox, 42, 1_000_000).unwrap();
        assert_eq!((known, counts.computed.len()), (Some(785_987), 0));
        // The sum of two known ranges: [0, 999999) is not among them.
        let computed = counts.of_generator(Generator::Philox, 42, 2_000_000).unwrap();
        assert_eq!(counts.computed.len(), 1);
        let rest = COUNTS.iter().find(|k| k.first == 999_999).unwrap();
        let first = counts.of_generator(Generator::Philox, 42, 999_999).unwrap();
        assert_eq!(computed, first.map(|first| first + rest.hits));
    }

    #[test]
    fn counting_ends_at_an_interruption() {
        let interrupted = AtomicBool::new(true);
        let mut counts = Counts::new(Catalog::here(), &interrupted);
        assert_eq!(counts.of_generator(Generator::Philox, 42, 1 << 63).unwrap(), None);
    }

    #[test]
    fn languages_that_disagree_are_told() {
        use libpi::{Kernel, KernelFn};
        extern "C" fn none(_: u64, _: u64, _: u64) -> u64 {
            0
        }
        extern "C" fn all(_: u64, _: u64, count: u64) -> u64 {
            count
        }
        // SAFETY: both functions are pure and take any seed.
        let kernel = |name, function: KernelFn| unsafe {
            Kernel::new(Generator::Philox, name, Level::Base, function)
        };
        let catalog = Catalog::of(vec![kernel("rust", none), kernel("c", all)]);
        let going_on = AtomicBool::new(false);
        let mut counts = Counts::new(&catalog, &going_on);
        let error = counts.of_generator(Generator::Philox, 42, 5).unwrap_err();
        assert!(error.to_string().contains("rust counts 0"), "{error}");
    }
}
