//! The cost of calls across languages, and the batches that make it negligible.

use crate::analysis::kind::Kind;
use crate::analysis::measured::{Cell, Measured};
use crate::analysis::stats::Estimate;
use std::collections::BTreeMap;

/// The languages: the name in cells and the name for people.
pub const LANGUAGES: [(&str, &str); 3] = [("rust", "Rust"), ("c", "C"), ("fortran", "Fortran")];

/// The ways of calling, the cheapest first: inlined, without a call; directly; through a pointer;
/// through a shared library; through the checked interface.
pub const WAYS: [&str; 5] = ["floor", "direct", "pointer", "shared", "checked"];

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

/// The calls of a session.
pub struct Calls<'a> {
    /// Sorted by caller, callee and way.
    pub cells: Vec<&'a Cell>,
}

impl<'a> Calls<'a> {
    pub fn of(measured: &'a Measured) -> Self {
        let mut cells: Vec<&Cell> =
            measured.cells.iter().filter(|cell| cell.kind() == Kind::Crossing).collect();
        cells.sort_by_key(|cell| {
            let block = &cell.block;
            (languages(&block.cell.kernel), &block.cell.kernel, way(&block.cell.driver))
        });
        Self { cells }
    }

    pub fn cell(&self, kernel: &str, way: &str) -> Option<&'a Cell> {
        self.cells
            .iter()
            .copied()
            .find(|c| c.block.cell.kernel == kernel && c.block.cell.driver == way)
    }

    /// The cost of a call in seconds: its time minus the time of the same caller's loop without a call.
    pub fn cost(&self, kernel: &str, way: &str) -> Option<Estimate> {
        let floor = |cell: &&&Cell| {
            cell.block.cell.driver == "floor" && caller(&cell.block.cell.kernel) == caller(kernel)
        };
        let call = self.cell(kernel, way).filter(|cell| cell.block.cell.driver != "floor")?;
        Some(call.times.above(&self.cells.iter().find(floor)?.times))
    }
}

/// The times per sample in batches, for one way of crossing.
pub struct Batches<'a> {
    pub kernel: &'a str,
    pub way: &'a str,
    /// The batch sizes with their cells, the smallest batch first.
    pub cells: Vec<(u64, &'a Cell)>,
    /// The cost of a call in seconds, if it was measured.
    pub cost: Option<Estimate>,
}

impl<'a> Batches<'a> {
    /// All batches of a session, sorted by caller, callee and way.
    pub fn of(measured: &'a Measured) -> Vec<Self> {
        let calls = Calls::of(measured);
        let mut groups: BTreeMap<_, Vec<(u64, &Cell)>> = BTreeMap::new();
        for cell in measured.cells.iter().filter(|cell| cell.kind() == Kind::Batch) {
            let (kernel, driver) = (&*cell.block.cell.kernel, &*cell.block.cell.driver);
            let key = (languages(kernel), kernel, way(driver), driver);
            groups.entry(key).or_default().push((cell.block.batch.unwrap_or(1), cell));
        }
        let batches = groups.into_iter().map(|((_, kernel, _, way), mut cells)| {
            cells.sort_by_key(|&(batch, _)| batch);
            Self { kernel, way, cells, cost: calls.cost(kernel, way) }
        });
        batches.collect()
    }

    /// The smallest batch at which a call of this cost takes a negligible share of the time, there and
    /// in all larger batches.
    pub fn enough(&self, cost: f64) -> Option<u64> {
        let small = |&&(batch, cell): &&(u64, &Cell)| {
            cost <= NEGLIGIBLE * batch as f64 * cell.times.value()
        };
        self.cells.iter().rev().take_while(small).last().map(|&(batch, _)| batch)
    }
}
