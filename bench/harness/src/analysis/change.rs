//! A cell in two results: what changed, and whether the machine did rather than the cells.

use crate::analysis::measured::{Cell, Measured};
use crate::analysis::stats::{Estimate, Interval, Verdict, median};

/// A cell that both results have.
pub struct Change<'a> {
    pub before: &'a Cell,
    pub after: &'a Cell,
    /// Time after as a multiple of the time before.
    pub ratio: Estimate,
    pub verdict: Verdict,
}

impl<'a> Change<'a> {
    pub fn of(before: &'a Cell, after: &'a Cell, noise_floor: Option<f64>) -> Self {
        let ratio = after.times.ratio(&before.times);
        Self { before, after, ratio, verdict: Verdict::of(ratio, noise_floor) }
    }

    /// Whether it differs, and by no other ratio than this as far as can be seen.
    pub fn moved_by(&self, ratio: f64, noise_floor: Option<f64>) -> bool {
        let noise = 1.0 + noise_floor.unwrap_or(0.0);
        self.verdict.differs()
            && self.ratio.interval.is_some_and(|Interval { low, high, .. }| {
                (low / noise..=high * noise).contains(&ratio)
            })
    }
}

/// The cell of that name in another result.
pub fn same_cell<'a>(measured: &'a Measured, cell: &Cell) -> Option<&'a Cell> {
    measured.cells.iter().find(|other| other.key == cell.key)
}

/// Cells of which fewer say nothing of the machine.
const CELLS_OF_A_MACHINE: usize = 3;

/// The share of the cells that must have moved alike: of intervals of 95% some miss by chance.
const MOST_CELLS: f64 = 0.9;

/// The ratio by which all cells became slower or faster, if it is the same for all: programs that
/// have changed do not change alike, so it is the machine that has moved.
pub fn common_ratio(changes: &[Change], noise_floor: Option<f64>) -> Option<f64> {
    let told: Vec<&Change> =
        changes.iter().filter(|change| change.ratio.interval.is_some()).collect();
    let ratio = median(&told.iter().map(|change| change.ratio.value).collect::<Vec<_>>())?;
    let alike = told.iter().filter(|change| change.moved_by(ratio, noise_floor)).count();
    let all = told.len() >= CELLS_OF_A_MACHINE && alike as f64 >= MOST_CELLS * told.len() as f64;
    all.then_some(ratio)
}
