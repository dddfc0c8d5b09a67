//! What goes with the counting of samples: parallel regions, the start of programs, and what it costs and
//! saves to deal blocks to threads instead of giving each an equal part.

use crate::analysis::cell::Cell;
use crate::analysis::kind::Kind;
use crate::analysis::measured::Measured;
use crate::analysis::stats::Estimate;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The kernel of regions one after the other.
const WARM: &str = "warm";
/// The driver that starts no threads.
const SERIAL: &str = "serial";
/// The suffix of a driver whose threads take blocks in turn.
const DYNAMIC: &str = "+dynamic";
/// The suffix of a driver that shares one of its CPUs with another program.
const BUSY: &str = "+busy";

/// How a driver splits a range, and on which CPUs, as its name says: `threads`, `threads+dynamic`,
/// `threads+busy`, `threads+dynamic+busy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Split<'a> {
    pub driver: &'a str,
    /// Whether the threads take blocks in turn. Otherwise each has an equal part.
    pub is_dynamic: bool,
    /// Whether another program uses one of the CPUs.
    pub is_busy: bool,
}

impl<'a> Split<'a> {
    pub fn of(name: &'a str) -> Self {
        let (name, is_busy) = without(name, BUSY);
        let (driver, is_dynamic) = without(name, DYNAMIC);
        Self { driver, is_dynamic, is_busy }
    }
}

/// The text without a suffix, and whether it had it.
fn without<'a>(text: &'a str, suffix: &str) -> (&'a str, bool) {
    text.strip_suffix(suffix).map_or((text, false), |rest| (rest, true))
}

/// What was measured of all this.
#[derive(Serialize)]
pub struct Overhead<'a> {
    /// Sorted by what begins, then by workers, the cheapest first.
    pub begins: Vec<Begin<'a>>,
    pub dealt: Vec<Dealt<'a>>,
    pub blocks: Vec<InBlocks<'a>>,
    pub worth_threads: Vec<WorthThreads<'a>>,
}

/// A parallel region, or the start of a program.
#[derive(Serialize)]
pub struct Begin<'a> {
    #[serde(rename = "cell", serialize_with = "key")]
    pub cell: &'a Cell,
    pub seconds: Estimate,
}

/// A driver that deals blocks, against equal parts on idle CPUs. Each is a ratio of times.
#[derive(Serialize)]
pub struct Dealt<'a> {
    #[serde(rename = "cell", serialize_with = "key")]
    pub equal: &'a Cell,
    /// The driver without the suffixes.
    pub driver: &'a str,
    /// Dealt blocks on idle CPUs.
    pub dealt: Option<Estimate>,
    /// Equal parts, with a busy CPU.
    pub equal_busy: Option<Estimate>,
    /// Dealt blocks, with a busy CPU.
    pub dealt_busy: Option<Estimate>,
}

/// A range that one thread counts block by block, against one call.
#[derive(Serialize)]
pub struct InBlocks<'a> {
    #[serde(rename = "cell", serialize_with = "key")]
    pub whole: &'a Cell,
    /// The lengths of the blocks, the shortest first, and the ratios of times.
    pub by_length: Vec<(u64, Estimate)>,
}

/// From how many samples on a driver with threads is faster than one thread.
#[derive(Serialize)]
pub struct WorthThreads<'a> {
    #[serde(rename = "cell", serialize_with = "key")]
    pub serial: &'a Cell,
    #[serde(serialize_with = "key")]
    pub region: &'a Cell,
    pub samples: f64,
}

fn key<S: Serializer>(cell: &&Cell, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&cell.key)
}

impl Begin<'_> {
    /// Whether it is a region that begins when the threads still wait actively, or a start.
    pub fn is_warm(&self) -> bool {
        self.cell.block.cell.kernel == WARM
    }
}

impl<'a> Overhead<'a> {
    /// None if nothing of this was measured.
    pub fn of(measured: &'a Measured) -> Option<Self> {
        let groups = groups(measured);
        let dealt = groups.iter().filter_map(|((_, _, driver, ..), of)| Dealt::of(driver, of));
        let blocks: Vec<InBlocks> = groups.values().filter_map(|of| InBlocks::of(of)).collect();
        let all = Self {
            worth_threads: worth_threads(measured, &blocks),
            begins: begins(measured),
            dealt: dealt.collect(),
            blocks,
        };
        let nothing = all.begins.is_empty() && all.dealt.is_empty() && all.blocks.is_empty();
        (!nothing).then_some(all)
    }

    /// The regions on the most threads that were measured, warm or cold, the cheapest first.
    pub fn widest_regions(&self, warm: bool) -> Vec<&Begin<'a>> {
        let threads = |begin: &Begin| begin.cell.block.cell.threads;
        let of_state = |begin: &&Begin| {
            begin.cell.kind() == Kind::Region
                && begin.is_warm() == warm
                && begin.cell.block.cell.driver != SERIAL
        };
        let most = self.begins.iter().filter(of_state).map(threads).max();
        self.begins.iter().filter(of_state).filter(|begin| Some(threads(begin)) == most).collect()
    }

    /// A call of the driver that starts no threads.
    pub fn serial_region(&self) -> Option<&Begin<'a>> {
        self.begins.iter().find(|begin| {
            begin.cell.kind() == Kind::Region && begin.cell.block.cell.driver == SERIAL
        })
    }

    pub fn starts(&self) -> impl Iterator<Item = &Begin<'a>> {
        self.begins.iter().filter(|begin| begin.cell.kind() == Kind::Start)
    }
}

fn begins(measured: &Measured) -> Vec<Begin<'_>> {
    let kinds = [Kind::Region, Kind::Start];
    let mut begins: Vec<Begin> = kinds
        .iter()
        .flat_map(|&kind| measured.fastest_first(kind))
        .map(|cell| Begin { cell, seconds: cell.times.estimate() })
        .collect();
    // The sort is stable, so cells that are equal here stay in the order of their times.
    begins
        .sort_by_key(|begin| (begin.cell.kind(), !begin.is_warm(), begin.cell.block.cell.threads));
    begins
}

/// The cells of samples by generator, kernel, driver without suffixes, and workers.
type Groups<'a> = BTreeMap<(&'a str, &'a str, &'a str, u32, u32), Vec<(Split<'a>, &'a Cell)>>;

fn groups(measured: &Measured) -> Groups<'_> {
    let mut groups = Groups::new();
    for cell in measured.cells.iter().filter(|cell| cell.kind() == Kind::Sample) {
        let name = &cell.block.cell;
        let split = Split::of(&name.driver);
        let key = (&*name.generator, &*name.kernel, split.driver, name.ranks, name.threads);
        groups.entry(key).or_default().push((split, cell));
    }
    groups
}

/// The cell of a group with equal parts on idle CPUs.
fn equal<'a>(group: &[(Split<'a>, &'a Cell)]) -> Option<&'a Cell> {
    let is_equal = |split: &Split| !split.is_dynamic && !split.is_busy;
    group.iter().find(|(split, _)| is_equal(split)).map(|(_, cell)| *cell)
}

impl<'a> Dealt<'a> {
    /// None if only equal parts on idle CPUs were measured, or not even these.
    fn of(driver: &'a str, group: &[(Split<'a>, &'a Cell)]) -> Option<Self> {
        let equal = equal(group)?;
        let ratio = |is_dynamic, is_busy| {
            let is_it = |split: &Split| (split.is_dynamic, split.is_busy) == (is_dynamic, is_busy);
            let mut whole = group.iter().filter(|(_, cell)| cell.block.batch.is_none());
            let (_, cell) = whole.find(|(split, _)| is_it(split))?;
            Some(cell.times.ratio(&equal.times))
        };
        let (dealt, equal_busy, dealt_busy) =
            (ratio(true, false), ratio(false, true), ratio(true, true));
        let any = [dealt, equal_busy, dealt_busy].iter().any(Option::is_some);
        any.then_some(Self { equal, driver, dealt, equal_busy, dealt_busy })
    }
}

impl<'a> InBlocks<'a> {
    fn of(group: &[(Split<'a>, &'a Cell)]) -> Option<Self> {
        let whole = equal(group)?;
        let dealt = group.iter().filter(|(split, _)| split.is_dynamic && !split.is_busy);
        let mut by_length: Vec<(u64, Estimate)> = dealt
            .filter_map(|(_, cell)| Some((cell.block.batch?, cell.times.ratio(&whole.times))))
            .collect();
        by_length.sort_by_key(|&(length, _)| length);
        (!by_length.is_empty()).then_some(Self { whole, by_length })
    }
}

/// For each kernel that was measured in blocks, and each driver that was measured as a region on the most
/// threads. With T threads, n samples take n·t/T and the time of a region instead of n·t.
fn worth_threads<'a>(measured: &'a Measured, blocks: &[InBlocks<'a>]) -> Vec<WorthThreads<'a>> {
    let regions = measured.fastest_first(Kind::Region);
    let several = |cell: &&Cell| {
        let name = &cell.block.cell;
        name.threads > 1 && name.kernel == WARM
    };
    let most =
        regions.iter().filter(|cell| several(cell)).map(|cell| cell.block.cell.threads).max();
    let widest = regions.iter().filter(|cell| Some(cell.block.cell.threads) == most);
    widest
        .filter(|cell| several(cell))
        .flat_map(|region| {
            let saved = 1.0 - 1.0 / f64::from(region.block.cell.threads);
            blocks.iter().filter(|one| one.whole.processors() == 1).map(move |one| WorthThreads {
                serial: one.whole,
                region,
                samples: region.times.value() / (one.whole.times.value() * saved),
            })
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::analysis::measured::tests::{block, measured};
    use crate::results::Block;

    /// The blocks of a cell in twelve processes that take so many seconds for each of 1000 samples, regions
    /// or starts. A batch may follow the name after a blank.
    pub(crate) fn cell(name: &str, seconds: f64) -> Vec<Block> {
        let (name, batch) = match name.split_once(' ') {
            Some((name, batch)) => (name, Some(batch.parse().unwrap())),
            None => (name, None),
        };
        let of = |process| Block {
            cell: name.parse().unwrap(),
            process,
            batch,
            ..block(seconds * 1000.0)
        };
        (0..12).map(of).collect()
    }

    /// A session of these cells.
    pub(crate) fn session(cells: &[(&str, f64)]) -> Measured {
        measured(cells.iter().flat_map(|&(name, seconds)| cell(name, seconds)).collect())
    }

    #[test]
    fn a_drivers_name_says_how_it_splits() {
        let split = |driver, is_dynamic, is_busy| Split { driver, is_dynamic, is_busy };
        assert_eq!(Split::of("threads"), split("threads", false, false));
        assert_eq!(Split::of("openmp-c+dynamic"), split("openmp-c", true, false));
        assert_eq!(Split::of("rayon+busy"), split("rayon", false, true));
        assert_eq!(Split::of("rayon+dynamic+busy"), split("rayon", true, true));
        assert_eq!(Split::of("rayon+busy+dynamic").driver, "rayon+busy");
    }

    #[test]
    fn regions_are_sorted_by_state_threads_and_cost() {
        let session = session(&[
            ("program-start/true/exec/1x1", 1e-3),
            ("parallel-region/cold/threads/1x2", 5e-5),
            ("parallel-region/warm/threads/1x2", 4e-5),
            ("parallel-region/warm/openmp-c/1x2", 1e-6),
            ("parallel-region/warm/openmp-c/1x1", 2e-6),
            ("parallel-region/warm/serial/1x1", 1e-8),
        ]);
        let overhead = Overhead::of(&session).unwrap();
        let names: Vec<String> =
            overhead.begins.iter().map(|begin| begin.cell.key.to_string()).collect();
        assert_eq!(
            names,
            [
                "parallel-region/warm/serial/1x1",
                "parallel-region/warm/openmp-c/1x1",
                "parallel-region/warm/openmp-c/1x2",
                "parallel-region/warm/threads/1x2",
                "parallel-region/cold/threads/1x2",
                "program-start/true/exec/1x1",
            ]
        );
        let drivers = |warm| -> Vec<&str> {
            let regions = overhead.widest_regions(warm);
            regions.iter().map(|begin| &*begin.cell.block.cell.driver).collect()
        };
        assert_eq!(drivers(true), ["openmp-c", "threads"]);
        assert_eq!(drivers(false), ["threads"]);
        assert_eq!(overhead.serial_region().unwrap().seconds.value, 1e-8);
        assert_eq!(overhead.starts().count(), 1);
        assert!(overhead.worth_threads.is_empty(), "no kernel was measured");
    }

    #[test]
    fn dealt_blocks_are_held_against_equal_parts_on_idle_cpus() {
        let session = session(&[
            ("philox/rust/threads/1x2", 2.0),
            ("philox/rust/threads+dynamic/1x2", 2.5),
            ("philox/rust/threads+busy/1x2", 4.0),
            ("philox/rust/threads+dynamic+busy/1x2", 3.0),
            ("philox/rust/rayon+busy/1x2", 4.0),
            ("npb/rust/rayon/1x2", 1.0),
            ("npb/rust/openmp-c/1x2", 1.0),
            ("npb/rust/openmp-c+busy/1x2", 1.5),
        ]);
        let overhead = Overhead::of(&session).unwrap();
        let value = |ratio: Option<Estimate>| ratio.map(|ratio| ratio.value);
        let rows: Vec<_> = overhead
            .dealt
            .iter()
            .map(|one| (one.driver, value(one.dealt), value(one.equal_busy), value(one.dealt_busy)))
            .collect();
        let expected =
            [("openmp-c", None, Some(1.5), None), ("threads", Some(1.25), Some(2.0), Some(1.5))];
        assert_eq!(rows, expected);
    }

    #[test]
    fn blocks_are_held_against_one_call_and_tell_what_is_worth_threads() {
        let session = session(&[
            ("npb/rust/serial/1x1", 1e-9),
            ("npb/rust/serial+dynamic/1x1 65536", 4e-9),
            ("npb/rust/serial+dynamic/1x1 4096", 8e-9),
            ("parallel-region/warm/threads/1x4", 3e-5),
            ("parallel-region/warm/threads/1x2", 1e-5),
            ("parallel-region/cold/threads/1x4", 1e-3),
        ]);
        let overhead = Overhead::of(&session).unwrap();
        assert_eq!(overhead.blocks.len(), 1);
        let lengths: Vec<(u64, f64)> = overhead.blocks[0]
            .by_length
            .iter()
            .map(|(length, r)| (*length, r.value.round()))
            .collect();
        assert_eq!(lengths, [(4096, 8.0), (65536, 4.0)]);
        // 30 us are three quarters of the time of 40 000 samples.
        let worth: Vec<f64> =
            overhead.worth_threads.iter().map(|worth| worth.samples.round()).collect();
        assert_eq!(worth, [40_000.0]);
    }

    #[test]
    fn without_such_cells_there_is_nothing() {
        assert!(Overhead::of(&session(&[("philox/rust/threads/1x2", 1.0)])).is_none());
    }
}
