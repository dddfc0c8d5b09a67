//! The progress bar of `pi sample`.

use super::work::{Tally, Work};
use crate::job::ranks::Ranks;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use pi_harness::number::rate;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// The bar's length.
const LENGTH: u64 = 10_000;

/// A progress bar on stderr, if that is a terminal. It appears after one second. Only the first rank shows
/// it.
pub(super) struct Bar<'a> {
    work: &'a Work,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl<'a> Bar<'a> {
    pub(super) fn new(work: &'a Work, ranks: &Ranks) -> Self {
        Self { work, bar: None, shown: ranks.is_root() && stderr().is_terminal() }
    }

    /// Shows what this run has counted.
    pub(super) fn show(&mut self, tally: &Tally) {
        if !self.shown || tally.time < Duration::from_secs(1) {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(LENGTH), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{wide_bar} {percent:>3}%  {msg}");
            bar.with_style(style.expect("the template is well-formed"))
        });
        let left = self.work.left_after(tally);
        bar.set_position((LENGTH as f64 * self.work.share(&self.work.before.and(tally))) as u64);
        bar.set_message(format!("{}, {} left", rate(tally.per_second()), HumanDuration(left)));
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
