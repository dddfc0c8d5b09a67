//! What a wanted precision costs: the number of samples, and how long they will take.

use super::work::{Tally, Work};
use crate::job::ranks::Ranks;
use crate::output;
use pi_harness::number::{counted, duration};
use std::time::Duration;

/// Shorter counts say little about the speed.
const ENOUGH: Duration = Duration::from_millis(50);

/// Tells on stderr what the wanted precision costs, once the speed is known. Only the first rank tells it.
pub(super) struct Forecast<'a> {
    work: &'a Work,
    precision: Option<f64>,
}

impl<'a> Forecast<'a> {
    pub(super) fn new(work: &'a Work, ranks: &Ranks) -> Self {
        Self { work, precision: work.precision.filter(|_| ranks.is_root()) }
    }

    /// This run has counted so much.
    pub(super) fn tell(&mut self, tally: &Tally) {
        let is_end = self.work.is_done(&self.work.before.and(tally));
        if tally.time < ENOUGH && !is_end {
            return;
        }
        if let Some(precision) = self.precision.take() {
            let time = tally.time.saturating_add(self.work.left_after(tally));
            let before = match self.work.before.samples {
                0 => String::new(),
                1 => ", of which 1 was counted before".to_owned(),
                before => format!(", of which {before} were counted before"),
            };
            output::say(format_args!(
                "a standard error of {precision:e} needs {}{before}: that takes about {}",
                counted(self.work.samples.count(), "sample"),
                duration(time.as_secs_f64())
            ));
        }
    }
}
