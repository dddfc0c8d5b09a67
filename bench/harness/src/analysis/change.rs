//! How a cell changed from one result to another, and whether the machine changed instead of the cells.

use crate::analysis::cell::Cell;
use crate::analysis::measured::Measured;
use crate::analysis::stats::{Estimate, Interval, Verdict, median};

/// A cell that is in both results.
pub struct Change<'a> {
    pub before: &'a Cell,
    pub after: &'a Cell,
    /// The time after, divided by the time before.
    pub ratio: Estimate,
    pub verdict: Verdict,
}

impl<'a> Change<'a> {
    pub fn of(before: &'a Cell, after: &'a Cell, noise_floor: Option<f64>) -> Self {
        let ratio = after.times.ratio(&before.times);
        Self { before, after, ratio, verdict: Verdict::of(ratio, noise_floor) }
    }

    /// Whether the cell differs and the data allow this ratio: it lies in the interval, widened by the
    /// noise floor.
    pub fn moved_by(&self, ratio: f64, noise_floor: Option<f64>) -> bool {
        let noise = 1.0 + noise_floor.unwrap_or(0.0);
        self.verdict.differs()
            && self.ratio.interval.is_some_and(|Interval { low, high, .. }| {
                (low / noise..=high * noise).contains(&ratio)
            })
    }
}

/// The same cell in another result.
pub fn same_cell<'a>(measured: &'a Measured, cell: &Cell) -> Option<&'a Cell> {
    measured.cells.iter().find(|other| other.key == cell.key)
}

/// The smallest number of cells that can show that the machine changed.
const CELLS_OF_A_MACHINE: usize = 3;

/// The share of the cells that must have changed by the same ratio. It is below 1, because some
/// intervals of 95% miss the true ratio by chance.
const MOST_CELLS: f64 = 0.9;

/// The ratio by which all cells became slower or faster, if it is the same for all. Programs that
/// changed do not all change by the same ratio, so then the machine changed.
pub fn common_ratio(changes: &[Change], noise_floor: Option<f64>) -> Option<f64> {
    let told: Vec<&Change> =
        changes.iter().filter(|change| change.ratio.interval.is_some()).collect();
    let ratio = median(&told.iter().map(|change| change.ratio.value).collect::<Vec<_>>())?;
    let alike = told.iter().filter(|change| change.moved_by(ratio, noise_floor)).count();
    let all = told.len() >= CELLS_OF_A_MACHINE && alike as f64 >= MOST_CELLS * told.len() as f64;
    all.then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::cell_of;

    #[test]
    fn a_cell_moved_by_what_lies_in_its_interval_widened_by_the_noise() {
        // The interval of the ratio runs from the first to the fourth process: 1.5 to 2.
        let (before, after) = (cell_of(&[1.0; 5]), cell_of(&[1.5, 1.75, 1.75, 2.0, 4.0]));
        let moved = |ratio, noise_floor| {
            Change::of(&before, &after, noise_floor).moved_by(ratio, noise_floor)
        };
        for (ratio, without_noise, with_noise) in [
            (1.19, false, false),
            (1.21, false, true),
            (1.5, true, true),
            (2.0, true, true),
            (2.45, false, true),
            (2.6, false, false),
        ] {
            assert_eq!((moved(ratio, None), moved(ratio, Some(0.25))), (without_noise, with_noise));
        }
        // A cell that does not differ did not change.
        assert!(!moved(1.75, Some(0.6)));
    }

    #[test]
    fn at_least_three_cells_and_nine_of_ten_share_a_ratio_or_it_is_none() {
        let before = cell_of(&[1.0; 5]);
        let [same, other, few] = [&[1.5; 5][..], &[1.25; 5], &[1.5; 4]].map(cell_of);
        let common = |same_cells: usize, others: usize, too_few: usize| {
            let after = [(&same, same_cells), (&other, others), (&few, too_few)];
            let after = after.into_iter().flat_map(|(cell, times)| vec![cell; times]);
            common_ratio(
                &after.map(|after| Change::of(&before, after, None)).collect::<Vec<_>>(),
                None,
            )
        };
        assert_eq!((common(3, 0, 0), common(2, 0, 0), common(2, 0, 5)), (Some(1.5), None, None));
        assert_eq!((common(9, 1, 0), common(8, 1, 0)), (Some(1.5), None));
        assert_eq!(common(3, 0, 5), Some(1.5), "cells without an interval do not count");
        assert_eq!(common(0, 0, 0), None);
    }
}
