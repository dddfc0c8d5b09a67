//! What follows from the times of calls across languages.

use crate::analysis::kind::Kind;
use crate::analysis::measured::{Cell, Measured};
use crate::analysis::stats::Estimate;
use std::collections::BTreeMap;

/// The languages, as cells and as people call them.
pub const LANGUAGES: [(&str, &str); 3] = [("rust", "Rust"), ("c", "C"), ("fortran", "Fortran")];

/// The ways of calling, the cheapest first: not at all, but inlined; directly; through a pointer;
/// through a shared library; through the checked interface.
pub const WAYS: [&str; 5] = ["floor", "direct", "pointer", "shared", "checked"];

/// The share of the time that a crossing may cost, where a batch counts as large enough.
const NEGLIGIBLE: f64 = 0.01;

/// The place of a way among them; others come last.
pub fn way(name: &str) -> usize {
    WAYS.iter().position(|&way| way == name).unwrap_or(WAYS.len())
}

/// The places of caller and callee in a pair such as `c-rust`.
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
    /// By caller, callee and way.
    pub cells: Vec<&'a Cell>,
}

impl<'a> Calls<'a> {
    pub fn of(measured: &'a Measured) -> Self {
        let mut cells: Vec<&Cell> =
            measured.cells.iter().filter(|cell| cell.kind() == Kind::Crossing).collect();
        cells.sort_by_key(|cell| {
            let block = &cell.block;
            (languages(&block.kernel), &block.kernel, way(&block.driver))
        });
        Self { cells }
    }

    pub fn cell(&self, kernel: &str, way: &str) -> Option<&'a Cell> {
        self.cells.iter().copied().find(|c| c.block.kernel == kernel && c.block.driver == way)
    }

    /// What a call costs above the same caller's loop that calls nothing; seconds.
    pub fn cost(&self, kernel: &str, way: &str) -> Option<Estimate> {
        let floor = |cell: &&&Cell| {
            cell.block.driver == "floor" && caller(&cell.block.kernel) == caller(kernel)
        };
        let call = self.cell(kernel, way).filter(|cell| cell.block.driver != "floor")?;
        Some(call.times.above(&self.cells.iter().find(floor)?.times))
    }
}

/// Time per sample in batches, of one way of crossing.
pub struct Batches<'a> {
    pub kernel: &'a str,
    pub way: &'a str,
    /// By the size of a batch.
    pub cells: Vec<(u64, &'a Cell)>,
    /// What a call costs, if that was measured; seconds.
    pub cost: Option<Estimate>,
}

impl<'a> Batches<'a> {
    /// All of a session, by caller, callee and way.
    pub fn of(measured: &'a Measured) -> Vec<Self> {
        let calls = Calls::of(measured);
        let mut groups: BTreeMap<_, Vec<(u64, &Cell)>> = BTreeMap::new();
        for cell in measured.cells.iter().filter(|cell| cell.kind() == Kind::Batch) {
            let (kernel, driver) = (&*cell.block.kernel, &*cell.block.driver);
            let key = (languages(kernel), kernel, way(driver), driver);
            groups.entry(key).or_default().push((cell.block.batch.unwrap_or(1), cell));
        }
        let batches = groups.into_iter().map(|((_, kernel, _, way), mut cells)| {
            cells.sort_by_key(|&(batch, _)| batch);
            Self { kernel, way, cells, cost: calls.cost(kernel, way) }
        });
        batches.collect()
    }

    /// The smallest batch from which on a call of this cost takes a negligible share of the time.
    pub fn enough(&self, cost: f64) -> Option<u64> {
        let small = |&&(batch, cell): &&(u64, &Cell)| {
            cost <= NEGLIGIBLE * batch as f64 * cell.times.value()
        };
        self.cells.iter().rev().take_while(small).last().map(|&(batch, _)| batch)
    }
}
