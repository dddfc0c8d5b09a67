//! The counting of `pi sample`, with its progress bar.

use super::assignment::Assignment;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use libpi::Samples;
use pi_harness::number::rate;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

/// The number of samples per thread before the first look at the clock. It is so large that starting the
/// threads costs a negligible share of the time.
const FIRST_SPAN: u64 = 1 << 27;

/// The approximate time between two looks at the clock, in seconds. It is long enough to even out short
/// delays of single threads, and short enough for a progress bar that moves.
const SPAN_SECONDS: f64 = 1.0;

/// Counts this rank's part. Returns hits and seconds. Shows the progress on a terminal.
pub(super) fn count(
    workers: &Workers,
    assignment: &Assignment,
    part: Samples,
    ranks: &Ranks,
) -> libpi::Result<(u64, f64)> {
    let mut progress = Progress::new(part.count(), ranks);
    let mut hits = 0;
    let mut elapsed = Duration::ZERO;
    let mut length = FIRST_SPAN * u64::from(assignment.threads);
    let mut rest = part;
    while rest.count() > 0 {
        let span;
        (span, rest) = rest.split_at(length);
        let start = Instant::now();
        hits += workers.hits(span)?;
        elapsed += start.elapsed();
        progress.advance(span.count(), elapsed);
        // The count of a statistical kernel depends on how the range is split, so the split must not
        // depend on the time.
        if assignment.kernel.generator().is_exact() {
            length = length.max((progress.per_second() * SPAN_SECONDS) as u64);
        }
    }
    Ok((hits, elapsed.as_secs_f64()))
}

/// A progress bar on stderr, if that is a terminal. It appears after one second. The first rank shows the
/// progress of its own part, which is like that of the others, and the estimated rate of all ranks.
struct Progress {
    total: u64,
    ranks: u32,
    done: u64,
    elapsed: Duration,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Progress {
    fn new(total: u64, ranks: &Ranks) -> Self {
        let shown = ranks.is_root() && stderr().is_terminal();
        Self { total, ranks: ranks.size(), done: 0, elapsed: Duration::ZERO, bar: None, shown }
    }

    fn per_second(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64()
    }

    fn advance(&mut self, samples: u64, elapsed: Duration) {
        self.done += samples;
        self.elapsed = elapsed;
        if !self.shown || elapsed < Duration::from_secs(1) {
            return;
        }
        let per_second = self.per_second();
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{wide_bar} {percent:>3}%  {msg}");
            bar.with_style(style.expect("the template is well-formed"))
        });
        bar.set_position(self.done);
        let left = Duration::from_secs_f64((self.total - self.done) as f64 / per_second);
        let left = indicatif::HumanDuration(left);
        bar.set_message(format!("{}, {left} left", rate(per_second * f64::from(self.ranks))));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
