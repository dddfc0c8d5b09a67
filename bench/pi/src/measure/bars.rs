//! Progress bars of a session on stderr, if that is a terminal.

use crate::output;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use pi_harness::session::progress::{Phase, Progress};
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// The bar of the current phase, if there is one.
#[derive(Default)]
pub(super) struct Bars {
    bar: Option<ProgressBar>,
    steps: u64,
}

impl Progress for Bars {
    fn begin(&mut self, phase: Phase, steps: usize) {
        let template = match phase {
            Phase::Trying => "trying {pos} of {len}  {wide_bar}  {msg}",
            Phase::Counting => "counting the expected hits  {wide_bar}",
            Phase::Measuring => "{wide_bar} {pos}/{len}  {msg}",
        };
        let target = match stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template(template).expect("the template is well-formed");
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target).with_style(style);
        (self.bar, self.steps) = (Some(bar), 0);
    }

    fn step(&mut self, cell: &str, left: Option<Duration>) {
        let Some(bar) = &self.bar else { return };
        bar.set_message(match left {
            Some(left) => format!("{} left  {cell}", HumanDuration(left)),
            None => cell.to_owned(),
        });
        bar.set_position(self.steps);
        self.steps += 1;
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn warn(&mut self, warning: &str) {
        output::warn(&[warning.to_owned()]);
    }
}
