//! The plan of a session: the counts and numbers of processes that fit into the time, and the order of
//! the blocks.

use crate::analysis::intervals::level_text;
use crate::analysis::kind::Kind;
use crate::analysis::order::{LEVEL, PROCESSES_FOR_LEVEL, around_quartile};
use crate::analysis::stats::ENOUGH_PROCESSES;
use crate::number::counted;
use crate::session::speed::{COUNTS_TO_CHOOSE, Speed};
use crate::suite::{Suite, SuiteCell};

/// The number of untimed runs at the start of each process.
const WARMUP: u32 = 1;

/// The number of timed runs in each process, unless the time allows only fewer.
const RUNS: u32 = 5;

/// The smallest number of processes of each cell, unless the user chooses a number.
const PROCESSES: u32 = PROCESSES_FOR_LEVEL;

/// The largest number of processes of a cell, even if the time allows more.
const MOST_PROCESSES: u32 = 50;

/// The longest run that the plan chooses, in seconds. More processes say more than longer runs.
const LONGEST_RUN: f64 = 0.25;

/// A cell, and the request that it will get.
#[derive(Debug)]
pub struct Planned {
    pub cell: SuiteCell,
    pub count: u64,
    pub warmup: u32,
    pub runs: u32,
    pub twin: bool,
    /// The expected time of a process, in seconds.
    pub seconds: f64,
}

/// The cells that are measured, and the order of their blocks.
#[derive(Debug)]
pub struct Plan {
    pub cells: Vec<Planned>,
    pub processes: u32,
    pub seed: u64,
    /// For each block, the index of the cell and the number of the process.
    pub order: Vec<(usize, u32)>,
}

impl Plan {
    /// Plans for so many seconds. It chooses the number of samples in a run first, then the number of
    /// processes of a cell.
    pub fn new(
        suite: &Suite,
        cells: Vec<(SuiteCell, Speed)>,
        seconds: f64,
        processes: Option<u32>,
        seed: u64,
    ) -> Self {
        let least = processes.unwrap_or(PROCESSES);
        let twins = twins(&cells);
        // The time for one process of each cell, so that all of them fit. Micro-kernels take what they need.
        let (of_micro, copies) = needs(suite, &cells, &twins);
        let share = (seconds / f64::from(least) - of_micro).max(0.0) / copies as f64;
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

    /// A warning if the number of processes is too small for intervals of 95%.
    pub fn too_few_processes(&self) -> Option<String> {
        let Self { processes, .. } = self;
        let level = around_quartile(*processes as usize).level;
        let what = if *processes < ENOUGH_PROCESSES as u32 {
            "have no intervals and are not compared".to_owned()
        } else if level < LEVEL {
            format!("have intervals of only {}", level_text(level))
        } else {
            return None;
        };
        Some(format!(
            "cells with {} {what}: {PROCESSES_FOR_LEVEL} processes reach {}",
            counted(*processes, "process"),
            level_text(LEVEL)
        ))
    }

    /// The expected time of the whole plan, in seconds.
    pub fn seconds(&self) -> f64 {
        // `sum` of an empty iterator would be -0.
        self.order.iter().fold(0.0, |sum, &(cell, _)| sum + self.cells[cell].seconds)
    }
}

/// Chooses the cells that are measured twice, as if they were two cells. For each kind (samples,
/// crossings, batches) these are the first cell, and the first cell of those with the most workers,
/// because many workers are disturbed in other ways than one.
fn twins(cells: &[(SuiteCell, Speed)]) -> Vec<bool> {
    let kinds: Vec<Kind> = cells.iter().map(|(cell, _)| Kind::of(&cell.name.generator)).collect();
    let mut twins = vec![false; cells.len()];
    // Micro-kernels take so little time that they would make a floor for others too high.
    let all_micro = kinds.iter().all(|&kind| kind == Kind::Peak);
    for kind in Kind::ALL.into_iter().filter(|&kind| kind != Kind::Peak || all_micro) {
        let of_kind = || (0..cells.len()).filter(|&at| kinds[at] == kind);
        let most = of_kind().rev().max_by_key(|&at| cells[at].0.workers());
        for at in of_kind().next().into_iter().chain(most) {
            twins[at] = true;
        }
    }
    twins
}

/// The seconds that one process of each micro-kernel takes, and the number of the other cells with their
/// twins, which share the rest.
fn needs(suite: &Suite, cells: &[(SuiteCell, Speed)], twins: &[bool]) -> (f64, usize) {
    let mut needs = (0.0, 0);
    for ((cell, speed), twin) in cells.iter().zip(twins) {
        match suite.groups[cell.group].count.filter(|_| is_micro(cell)) {
            Some(count) => {
                needs.0 += speed.overhead + f64::from(WARMUP + RUNS) * count as f64 / speed.rate;
            }
            None => needs.1 += 1 + usize::from(*twin),
        }
    }
    needs
}

fn is_micro(cell: &SuiteCell) -> bool {
    Kind::of(&cell.name.generator) == Kind::Peak
}

/// The cells of a group, and the time for the runs of one process of each, in seconds.
struct Members<'a>(Vec<&'a (SuiteCell, Speed)>, f64);

impl<'a> Members<'a> {
    fn new(group: usize, cells: &'a [(SuiteCell, Speed)], share: f64) -> Self {
        let members: Vec<_> = cells.iter().filter(|(cell, _)| cell.group == group).collect();
        let share =
            if members.iter().any(|(cell, _)| is_micro(cell)) { f64::INFINITY } else { share };
        let overhead: f64 = members.iter().map(|(_, speed)| speed.overhead).sum();
        let seconds = (share * members.len() as f64 - overhead).max(0.0);
        Self(members, seconds)
    }

    /// For each cell, the seconds per sample of the group's count.
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

    /// The number of runs that fit.
    fn runs(&self, count: u64) -> u32 {
        let calls = (self.1 / self.paces().sum::<f64>() / count as f64) as u32;
        calls.saturating_sub(WARMUP).clamp(1, RUNS)
    }
}

/// All blocks in rounds. A round has one process of every cell, in a new random order. So a drift of the
/// machine meets all cells alike, and the blocks that are left after an interruption can be compared.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner_table::RunnerTable;
    use crate::suite::Places;
    use libpi::Catalog;

    const HEAD: &str = "name = 't'\nquestion = '?'\npicture = 'ladder'\nbudget = '1s'\n";
    const GROUP: &str = "[[cells]]\nwhy = '?'\nrunner = 'plain-c'\ngenerators = ['philox']\n";

    /// A plan for cells with these speeds, each in a group of its own.
    fn plan(head: &str, rates: &[f64], more: &str, seconds: f64, processes: Option<u32>) -> Plan {
        let groups = rates.iter().enumerate().map(|(number, _)| {
            format!("{GROUP}kernels = ['k{number}']\ndrivers = ['d']\n{more}\n")
        });
        let suite: Suite =
            toml::from_str(&format!("{HEAD}{head}{}", groups.collect::<String>())).unwrap();
        let places = Places { usable: 4, ranks: None, threads: None, oversubscribe: false };
        let cells =
            suite.cells(Catalog::here(), &RunnerTable::read(None).unwrap(), &places).unwrap();
        let speeds = rates.iter().map(|&rate| Speed { rate, overhead: 0.01 });
        Plan::new(&suite, cells.into_iter().zip(speeds).collect(), seconds, processes, 1)
    }

    #[test]
    fn the_time_is_spent_on_samples_then_on_processes() {
        for seconds in [48.0, 144.0, 480.0] {
            let plan = plan("", &[1e9, 1e8, 1e7], "", seconds, None);
            let spent = plan.seconds();
            assert!(spent <= seconds, "{spent} of {seconds}");
            // Counts are powers of two and numbers of processes are whole, so some time is left.
            assert!(spent > seconds / 3.0, "{spent} of {seconds}");
            assert!(plan.processes >= PROCESSES && plan.processes <= MOST_PROCESSES);
            assert!(plan.cells.iter().all(|planned| planned.runs == RUNS));
            assert!(plan.cells.iter().all(|p| p.count.is_power_of_two() && p.count >= 1 << 20));
        }
        let counts: Vec<u64> =
            plan("", &[1e9, 1e8], "", 60.0, None).cells.iter().map(|p| p.count).collect();
        assert!(counts[0] >= 4 * counts[2], "the faster cell has more samples: {counts:?}");
    }

    #[test]
    fn a_fixed_count_leaves_the_runs_and_the_processes() {
        let scarce = plan("", &[1e8], "count = '2^24'", 1.0, None);
        assert_eq!((scarce.cells[0].count, scarce.cells[0].runs), (1 << 24, 1));
        assert_eq!(scarce.processes, PROCESSES, "never fewer, even if they take longer");
        let ample = plan("", &[1e8], "count = '2^24'", 100.0, None);
        assert_eq!(ample.cells[0].runs, RUNS);
        assert!(ample.processes > PROCESSES);
        assert_eq!(plan("", &[1e8], "", 100.0, Some(2)).processes, 2);
    }

    #[test]
    fn too_few_processes_for_the_level_give_a_warning() {
        let said = |processes| plan("", &[1e8], "", 1.0, Some(processes)).too_few_processes();
        assert!(said(4).unwrap().contains("no intervals and are not compared"));
        let five = said(5).unwrap();
        assert!(five.contains("76.1%") && five.contains("12 processes reach 95%"), "{five}");
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
            plan.cells.into_iter().filter(|p| p.twin).map(|p| p.cell.name.to_string()).collect()
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
        let cells =
            suite.cells(Catalog::here(), &RunnerTable::read(None).unwrap(), &places).unwrap();
        let speed = Speed { rate: 1e9, overhead: 0.01 };
        let cells: Vec<_> = cells.into_iter().map(|cell| (cell, speed)).collect();
        assert_eq!(twins(&cells), [true, false, true, false, true, false]);
    }

    #[test]
    fn micro_kernels_take_little_time_from_other_cells_and_make_no_noise_floor_for_them() {
        let planned = |groups: &[&str]| {
            let row = |generator: &&str| {
                match *generator {
                "peak" => "[[cells]]\nwhy = '?'\nrunner = 'plain-c'\ngenerators = ['peak']\nkernels = \
                           ['add-256', 'slots-256']\ndrivers = ['d']\ncount = 48\nexpected = 'count'\n"
                    .to_owned(),
                _ => format!("{GROUP}kernels = ['k']\ndrivers = ['d']\n"),
            }
            };
            let text = format!("{HEAD}{}", groups.iter().map(row).collect::<String>());
            let suite: Suite = toml::from_str(&text).unwrap();
            let places = Places { usable: 1, ranks: None, threads: None, oversubscribe: false };
            let table = RunnerTable::read(None).unwrap();
            let cells = suite.cells(Catalog::here(), &table, &places).unwrap();
            let speed = Speed { rate: 1e9, overhead: 0.01 };
            let cells = cells.into_iter().map(|cell| (cell, speed)).collect();
            let plan = Plan::new(&suite, cells, 9.0, Some(12), 1);
            let shown = |p: &Planned| (p.cell.name.generator.clone(), p.twin, p.count, p.runs);
            plan.cells.iter().map(shown).collect::<Vec<_>>()
        };
        let (alone, both) = (planned(&["philox"]), planned(&["philox", "peak"]));
        assert_eq!(both[..2], alone, "the same count, runs and twin");
        let micro = ("peak".to_owned(), false, 48, RUNS);
        assert_eq!(both[2..], [micro.clone(), micro]);
        // Without other cells the first micro-kernel gives the noise floor.
        assert_eq!(planned(&["peak"]).iter().filter(|cell| cell.1).count(), 1);
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
}
