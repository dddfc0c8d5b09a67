//! The cost of calls across languages, and the batches that make it negligible.

use crate::analysis::cell::Cell;
use crate::analysis::kind::Kind;
use crate::analysis::measured::Measured;
use crate::analysis::stats::Estimate;
use crate::number::size;
use std::collections::BTreeMap;

/// The languages: the name in cells and the name for people.
const LANGUAGES: [(&str, &str); 18] = [
    ("rust", "Rust"),
    ("c", "C"),
    ("fortran", "Fortran"),
    ("python", "Python"),
    ("numba", "Numba"),
    ("c++", "C++"),
    ("zig", "Zig"),
    ("d", "D"),
    ("ada", "Ada"),
    ("go", "Go"),
    ("nim", "Nim"),
    ("pascal", "Pascal"),
    ("haskell", "Haskell"),
    ("ocaml", "OCaml"),
    ("java", "Java"),
    ("luajit", "LuaJIT"),
    ("node", "Node"),
    ("r", "R"),
];

/// How many of them, from the first, are compiled ahead.
const COMPILED: usize = 3;

/// The ways of calling, the cheapest first: inlined, without a call; directly; through a pointer;
/// through a shared library; through the checked interface.
pub const WAYS: [&str; 5] = [FLOOR, "direct", "pointer", "shared", "checked"];

/// The loop alone, without a call.
const FLOOR: &str = "floor";

/// A batch is near the best one if its time per sample is larger by at most this share.
const NEAR_BEST: f64 = 0.05;

/// A batch is large enough if the crossing costs at most this share of its time.
const NEGLIGIBLE: f64 = 0.01;

/// The position of a way in [`WAYS`]; unknown ways come last.
pub fn way(name: &str) -> usize {
    WAYS.iter().position(|&way| way == name).unwrap_or(WAYS.len())
}

/// The positions of caller and callee in [`LANGUAGES`], for a pair such as `c-rust`.
fn languages(kernel: &str) -> [usize; 2] {
    let place = |name: &str| {
        LANGUAGES.iter().position(|&(short, _)| short == name).unwrap_or(LANGUAGES.len())
    };
    let (caller, callee) = kernel.split_once('-').unwrap_or((kernel, ""));
    [place(caller), place(callee)]
}

fn caller(kernel: &str) -> &str {
    kernel.split('-').next().unwrap_or_default()
}

/// The name of a language for people. A language that libpi does not know keeps its name in cells.
pub fn language(short: &str) -> &str {
    LANGUAGES.iter().find(|(known, _)| *known == short).map_or(short, |&(_, name)| name)
}

/// The names of caller and callee in a pair such as `c-rust`. A kernel that is not a pair has only a caller.
pub fn pair(kernel: &str) -> (String, Option<String>) {
    match kernel.split_once('-') {
        Some((caller, callee)) => (language(caller).to_owned(), Some(language(callee).to_owned())),
        None => (kernel.to_owned(), None),
    }
}

/// A way of calling from one language into another, with its measurements.
pub struct Crossing<'a> {
    pub kernel: &'a str,
    pub way: &'a str,
    /// The loop of calls, if it was timed.
    pub call: Option<&'a Cell>,
    /// The cost of a call in seconds: its time minus the time of the same caller's loop without a call.
    pub cost: Option<Estimate>,
    /// The batch sizes with their cells, the smallest batch first.
    pub batches: Vec<(u64, &'a Cell)>,
}

impl<'a> Crossing<'a> {
    /// Whether the caller is a language that is compiled ahead.
    pub fn is_from_compiled(&self) -> bool {
        languages(self.kernel)[0] < COMPILED
    }

    /// Whether compiled languages call each other in this way.
    pub fn is_common_way(&self) -> bool {
        way(self.way) < WAYS.len()
    }

    /// All ways of a session, sorted by caller, callee and way, without the loops that make no call.
    pub fn all(measured: &'a Measured) -> Vec<Self> {
        let mut all: BTreeMap<_, Self> = BTreeMap::new();
        for cell in &measured.cells {
            let (kernel, driver) = (&*cell.block.cell.kernel, &*cell.block.cell.driver);
            let key = (languages(kernel), kernel, way(driver), driver);
            let new = Self { kernel, way: driver, call: None, cost: None, batches: Vec::new() };
            match cell.kind() {
                Kind::Crossing if driver != FLOOR => {
                    let crossing = all.entry(key).or_insert(new);
                    crossing.call = Some(cell);
                    let floor = floor(measured, caller(kernel));
                    crossing.cost = floor.map(|floor| cell.times.above(&floor.times));
                }
                Kind::Batch => {
                    let crossing = all.entry(key).or_insert(new);
                    crossing.batches.push((cell.block.batch.unwrap_or(1), cell));
                }
                _ => {}
            }
        }
        let mut all: Vec<Self> = all.into_values().collect();
        all.iter_mut().for_each(|one| one.batches.sort_by_key(|&(batch, _)| batch));
        all
    }

    /// The smallest batch at which a call of this cost takes a negligible share of the time, there and
    /// in all larger batches.
    pub fn enough(&self, cost: f64) -> Option<u64> {
        let small = |&&(batch, cell): &&(u64, &Cell)| {
            cost <= NEGLIGIBLE * batch as f64 * cell.times.value()
        };
        self.batches.iter().rev().take_while(small).last().map(|&(batch, _)| batch)
    }

    /// The same in words. It has two sizes if the interval of the cost allows both.
    pub fn enough_text(&self) -> String {
        let Some(cost) = self.cost.filter(|_| !self.batches.is_empty()) else {
            return "-".to_owned();
        };
        let text = |cost| self.enough(cost).map_or("none of these".to_owned(), size);
        let (low, high) = cost.interval.map_or((cost.value, cost.value), |i| (i.low, i.high));
        let (low, high) = (text(low), text(high));
        if low == high { low } else { format!("{low} to {high}") }
    }

    /// The smallest batch whose time per sample is near that of the best batch.
    pub fn near_best(&self) -> Option<u64> {
        let time = |&(_, cell): &(u64, &Cell)| cell.times.value();
        let best = self.batches.iter().map(time).min_by(f64::total_cmp)?;
        let near = self.batches.iter().find(|one| time(one) <= best * (1.0 + NEAR_BEST))?;
        Some(near.0)
    }
}

/// The loop of a caller without a call.
fn floor<'a>(measured: &'a Measured, language: &str) -> Option<&'a Cell> {
    floors(measured).into_iter().find(|cell| caller(&cell.block.cell.kernel) == language)
}

/// The loops without a call, one for each caller.
pub fn floors(measured: &Measured) -> Vec<&Cell> {
    let mut floors: Vec<&Cell> = measured
        .cells
        .iter()
        .filter(|cell| cell.kind() == Kind::Crossing && cell.block.cell.driver == FLOOR)
        .collect();
    floors.sort_by_key(|cell| languages(&cell.block.cell.kernel));
    floors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::measured;
    use crate::results::{Block, Run};

    /// A cell whose processes take so many seconds for each call or sample.
    fn cell(name: &str, seconds: &[f64]) -> Vec<Block> {
        let block = |(process, seconds): (u32, &f64)| Block {
            cell: name.parse().unwrap(),
            count: 1024,
            expected_hits: Some(785),
            process,
            runs: vec![Run { seconds: seconds * 1024.0, hits: 785 }],
            ..Block::default()
        };
        (0..).zip(seconds).map(block).collect()
    }

    fn call(kernel: &str, way: &str, seconds: f64) -> Vec<Block> {
        cell(&format!("crossing/{kernel}/{way}/1x1"), &[seconds])
    }

    fn batch(kernel: &str, way: &str, size: u64, seconds: f64) -> Vec<Block> {
        let mut blocks = cell(&format!("batch/{kernel}/{way}/1x1"), &[seconds]);
        blocks[0].batch = Some(size);
        blocks
    }

    #[test]
    fn crossings_are_sorted_by_caller_callee_and_way() {
        let expected = [
            ("rust-rust", "pointer"),
            ("rust-c", "direct"),
            ("rust-c", "checked"),
            ("rust-c", "by-post"),
            ("c-rust", "direct"),
            ("c-fortran", "direct"),
            ("fortran-c", "shared"),
            ("cobol-rust", "direct"),
            ("cobol-pl1", "direct"),
        ];
        let mut blocks: Vec<_> =
            expected.iter().flat_map(|(kernel, way)| call(kernel, way, 1.0)).collect();
        blocks.extend(
            ["fortran-fortran", "rust-rust", "c-c"].iter().flat_map(|pair| call(pair, FLOOR, 1.0)),
        );
        blocks.extend(cell("philox/rust/serial/1x1", &[1.0]));
        let measured = measured(blocks);
        let all = Crossing::all(&measured);
        assert_eq!(all.iter().map(|one| (one.kernel, one.way)).collect::<Vec<_>>(), expected);
        assert!(all.iter().all(|one| one.call.is_some() && one.batches.is_empty()));
        let floors = floors(&measured);
        let kernels: Vec<&str> = floors.iter().map(|cell| &*cell.block.cell.kernel).collect();
        assert_eq!(kernels, ["rust-rust", "c-c", "fortran-fortran"]);
    }

    #[test]
    fn pairs_have_the_names_of_their_languages() {
        let words =
            |caller: &str, callee: Option<&str>| (caller.to_owned(), callee.map(str::to_owned));
        assert_eq!(pair("c-rust"), words("C", Some("Rust")));
        assert_eq!(pair("fortran-cobol"), words("Fortran", Some("cobol")));
        assert_eq!(pair("rust"), words("rust", None));
    }

    #[test]
    fn the_cost_of_a_call_is_its_time_above_the_loop_of_its_caller() {
        let measured = measured(
            [
                call("rust-rust", FLOOR, 1.0),
                call("rust-c", "direct", 4.0),
                call("c-c", FLOOR, 2.0),
                call("c-c", "direct", 2.5),
                call("c-rust", "direct", 5.0),
                call("fortran-c", "direct", 5.0),
                batch("c-rust", "direct", 16, 1.0),
                batch("c-rust", "direct", 4, 1.0),
                batch("c-rust", "pointer", 4, 1.0),
            ]
            .concat(),
        );
        let found: Vec<_> = Crossing::all(&measured)
            .iter()
            .map(|one| {
                let sizes: Vec<u64> = one.batches.iter().map(|&(size, _)| size).collect();
                (one.kernel, one.way, one.cost.map(|cost| cost.value), sizes)
            })
            .collect();
        let expected = [
            ("rust-c", "direct", Some(3.0), vec![]),
            ("c-rust", "direct", Some(3.0), vec![4, 16]),
            ("c-rust", "pointer", None, vec![4]),
            ("c-c", "direct", Some(0.5), vec![]),
            ("fortran-c", "direct", None, vec![]),
        ];
        assert_eq!(found, expected);
    }

    /// Looks at batches of 1, 4 and 16 samples that take so many seconds per sample.
    fn with_batches<T>(seconds: [f64; 3], look: impl Fn(&Crossing) -> T) -> T {
        let sizes = [1, 4, 16].into_iter().zip(seconds);
        let blocks =
            sizes.flat_map(|(size, seconds)| batch("c-c", "direct", size, seconds)).collect();
        look(&Crossing::all(&measured(blocks))[0])
    }

    #[test]
    fn a_batch_is_large_enough_if_all_larger_ones_are() {
        let enough = |seconds, cost| with_batches(seconds, |one| one.enough(cost));
        // A call that costs a hundredth of what four samples take.
        assert_eq!(enough([1.0; 3], NEGLIGIBLE * 4.0), Some(4));
        assert_eq!(enough([1.0; 3], NEGLIGIBLE * 4.01), Some(16));
        assert_eq!(enough([1.0; 3], NEGLIGIBLE), Some(1));
        assert_eq!(enough([1.0; 3], NEGLIGIBLE * 16.01), None);
        assert_eq!(enough([100.0, 1.0, 1.0], NEGLIGIBLE * 5.0), Some(16));
        assert_eq!(enough([1.0, 1.0, 0.25], NEGLIGIBLE * 4.01), None);
    }

    #[test]
    fn large_enough_batches_are_told_by_both_ends_of_the_cost() {
        let text = |low: f64, high: f64| {
            with_batches([1.0; 3], |one| {
                let interval = Some(crate::analysis::stats::Interval { low, high, level: 0.95 });
                let cost = Some(Estimate { value: low, interval });
                let one = Crossing { cost, batches: one.batches.clone(), ..*one };
                one.enough_text()
            })
        };
        assert_eq!(text(NEGLIGIBLE * 2.0, NEGLIGIBLE * 3.0), "4");
        assert_eq!(text(NEGLIGIBLE * 2.0, NEGLIGIBLE * 5.0), "4 to 16");
        assert_eq!(text(NEGLIGIBLE * 5.0, NEGLIGIBLE * 50.0), "16 to none of these");
        assert_eq!(with_batches([1.0; 3], |one| one.enough_text()), "-", "its cost is not known");
        let alone = measured([call("c-c", FLOOR, 1.0), call("c-c", "direct", 2.0)].concat());
        assert_eq!(Crossing::all(&alone)[0].enough_text(), "-", "it has no batches");
    }

    #[test]
    fn the_smallest_batch_near_the_best_is_named() {
        let near_best = |seconds| with_batches(seconds, |one| one.near_best());
        assert_eq!(near_best([1.06, 1.04, 1.0]), Some(4));
        assert_eq!(near_best([1.0 + NEAR_BEST, 1.5, 1.0]), Some(1));
        assert_eq!(near_best([2.0, 2.0, 1.0]), Some(16));
    }
}
