//! `--fail-if-slower`: whether a cell is within a limit or beyond it, or whether the measurements cannot
//! tell.

use crate::analysis::cell::Cell;
use crate::analysis::change::{Change, same_cell};
use crate::analysis::intervals::interval_text;
use crate::analysis::measured::Measured;
use crate::analysis::stats::{ENOUGH_PROCESSES, Interval};
use crate::failure::{CannotTell, CheckFailed};
use crate::number::{counted, ratio, share};
use serde::Serialize;

/// Whether a cell is within a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Within,
    Beyond,
    CannotTell,
}

/// How much slower a cell may become, and what all cells together show.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The limit, as a share of the time before.
    pub slower: f64,
    pub noise_floor: Option<f64>,
    /// The ratio by which the whole machine became slower or faster.
    pub common_ratio: Option<f64>,
}

impl Limit {
    /// A cell is beyond the limit, or within it, if its whole interval is. The measurements cannot tell
    /// if the noise floor is larger, or if the cell changed like the whole machine.
    pub fn standing(&self, change: &Change) -> Standing {
        let noise = self.noise_floor.unwrap_or(0.0);
        match change.ratio.interval {
            Some(Interval { high, .. }) if high <= 1.0 + self.slower && noise <= self.slower => {
                Standing::Within
            }
            Some(Interval { low, .. })
                if low > 1.0 + self.slower.max(noise) && !self.moved_with_machine(change) =>
            {
                Standing::Beyond
            }
            _ => Standing::CannotTell,
        }
    }

    fn moved_with_machine(&self, change: &Change) -> bool {
        self.common_ratio.is_some_and(|ratio| change.moved_by(ratio, self.noise_floor))
    }

    /// An error if a cell is beyond the limit, or has lost its times: a cell that counts wrongly or is
    /// missing has not become faster.
    pub fn none_beyond(
        &self,
        changes: &[Change],
        before: &Measured,
        after: &Measured,
    ) -> anyhow::Result<()> {
        let slower = changes
            .iter()
            .filter(|change| self.standing(change) == Standing::Beyond)
            .max_by(|a, b| a.ratio.value.total_cmp(&b.ratio.value))
            .map(|worst| {
                let (limit, cell) = (share(self.slower), &worst.before.key);
                let ratio = ratio(worst.ratio.value);
                format!("slower by more than {limit}; the worst is {cell}: {ratio} times the time")
            });
        let lost = before
            .cells
            .iter()
            .filter(|cell| same_cell(after, cell).is_none())
            .map(|cell| format!("{} has lost its times: {}", cell.key, why_lost(cell, after)));
        let bad: Vec<String> = slower.into_iter().chain(lost).collect();
        if bad.is_empty() { Ok(()) } else { Err(CheckFailed(bad.join("; ")).into()) }
    }

    /// An error if the measurements cannot tell whether some cell is within the limit.
    pub fn all_told(&self, changes: &[Change]) -> anyhow::Result<()> {
        let untold = |change: &&Change| self.standing(change) == Standing::CannotTell;
        let untold: Vec<&Change> = changes.iter().filter(untold).collect();
        let Some(first) = untold.first() else { return Ok(()) };
        let cells = counted(untold.len(), "cell");
        let (limit, key) = (share(self.slower), &first.before.key);
        let why = self.why_untold(first);
        let message = format!(
            "cannot tell whether {cells} became slower by more than {limit}, such as {key}: {why}"
        );
        Err(CannotTell(message).into())
    }

    /// Why the measurements cannot tell, and what would help.
    fn why_untold(&self, change: &Change) -> String {
        let noise = self.noise_floor.unwrap_or(0.0);
        if change.ratio.interval.is_none() {
            format!(
                "it has too few processes: measure it with --processes {ENOUGH_PROCESSES} or more, \
                 better 12"
            )
        } else if self.moved_with_machine(change) {
            "it changed by the same ratio as the other cells, so the machine changed: measure both \
             again, one right after the other"
                .to_owned()
        } else if noise > self.slower {
            format!(
                "the noise floor is {}: give a limit above it, or measure on a quieter machine",
                share(noise)
            )
        } else {
            format!(
                "its ratio of times is {}: measure with more --processes, or give another limit",
                interval_text(change.ratio.interval, ratio)
            )
        }
    }
}

/// Why a cell has no times in a result, and what to do.
fn why_lost(cell: &Cell, measured: &Measured) -> String {
    let failure = measured.failures.iter().find(|failure| failure.key == cell.key);
    let skipped =
        measured.skipped.iter().find(|skipped| skipped.cell == cell.block.cell.to_string());
    match (failure, skipped) {
        (Some(failure), _) => failure.message.clone(),
        (None, Some(skipped)) => format!("it was skipped, {}", skipped.reason),
        (None, None) => {
            "it is not in the second result: measure it again, by the same suite and filter"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::measured::tests::cell_of;

    /// Whether a cell with a ratio from 1.5 to `high` is within a limit, and why.
    fn stands(high: f64, slower: f64, noise_floor: f64) -> (Standing, String) {
        let (before, after) = (cell_of(&[1.0; 5]), cell_of(&[1.5, 1.5, 1.5, high, high]));
        let change = Change::of(&before, &after, Some(noise_floor));
        let limit = Limit { slower, noise_floor: Some(noise_floor), common_ratio: None };
        (limit.standing(&change), limit.why_untold(&change))
    }

    #[test]
    fn what_ends_at_the_limit_is_within_and_what_begins_there_is_not_beyond() {
        use Standing::{Beyond, CannotTell, Within};
        for (high, slower, noise_floor, standing) in [
            (2.0, 0.49, 0.0, Beyond),
            (2.0, 0.5, 0.0, CannotTell),
            (2.0, 0.99, 0.0, CannotTell),
            (2.0, 1.0, 0.0, Within),
            (2.0, 1.0, 1.0, Within),
            (2.0, 1.0, 1.01, CannotTell),
            (2.0, 0.0, 0.49, Beyond),
            (2.0, 0.0, 0.5, CannotTell),
        ] {
            assert_eq!(stands(high, slower, noise_floor).0, standing, "{slower} {noise_floor}");
        }
    }

    #[test]
    fn why_it_cannot_be_told_is_the_noise_if_that_is_above_the_limit() {
        assert!(stands(2.0, 0.5, 0.5).1.contains("its ratio of times is 1.500 to 2.000"));
        assert!(stands(2.0, 0.5, 0.51).1.contains("the noise floor is 51.0%"));
    }
}
