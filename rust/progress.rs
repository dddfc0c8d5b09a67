//! Long counts that report their progress and can be stopped.

use crate::drivers::Driver;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::samples::{BLOCK, Samples};
use std::time::{Duration, Instant};

/// What a count has done when it ends or is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The hits among the samples that are done.
    pub hits: u64,
    /// The number of samples that are done, from the first on.
    pub done: u64,
}

impl Kernel {
    /// Counts the hits among the samples in spans, and calls `goes_on` on the calling thread after
    /// each with the number of samples that are done. If that returns false, the count stops there.
    ///
    /// The first span has one block for each thread. The later ones take about a quarter of a
    /// second, so that the caller hears of the progress several times a second.
    ///
    /// # Errors
    /// The errors of [`hits`](Self::hits).
    pub fn hits_with_progress(
        &self,
        driver: &Driver,
        seed: u64,
        samples: Samples,
        threads: u32,
        mut goes_on: impl FnMut(u64) -> bool,
    ) -> Result<Progress> {
        let mut progress = Progress { hits: 0, done: 0 };
        let mut length = u64::from(threads.max(1)) * BLOCK;
        let mut rest = samples;
        loop {
            let span;
            (span, rest) = rest.split_at(length);
            let start = Instant::now();
            progress.hits = progress.hits.wrapping_add(self.hits(driver, seed, span, threads)?);
            length = next_length(length, start.elapsed());
            progress.done += span.count();
            // A range without samples needs a call of the kernel for its errors, but no report.
            if span.count() == 0 || !goes_on(progress.done) || rest.count() == 0 {
                return Ok(progress);
            }
        }
    }
}

/// How long a span should take.
const TARGET: Duration = Duration::from_millis(250);

/// The length of the span that follows one of this length, which took so long. It grows by 8 at
/// most, because a short span says little about the speed.
fn next_length(length: u64, took: Duration) -> u64 {
    let factor = TARGET.as_secs_f64() / took.as_secs_f64().max(1e-9);
    let next = length as f64 * factor.min(8.0);
    (next as u64).clamp(BLOCK, 1 << 62)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the speed, the spans soon take the wanted time, and none takes more than a second
    /// unless a single block does.
    #[test]
    fn spans_adapt_to_the_speed() {
        for nanoseconds in [0.001, 0.1, 1.0, 40.0, 3000.0] {
            let took = |length: u64| Duration::from_secs_f64(length as f64 * nanoseconds * 1e-9);
            let mut length = BLOCK;
            for _ in 0..12 {
                assert!(took(length) < Duration::from_secs(1), "{length} at {nanoseconds} ns");
                length = next_length(length, took(length));
            }
            let span = took(length).as_secs_f64();
            assert!((0.2..0.3).contains(&span), "{span} s at {nanoseconds} ns");
        }
    }

    #[test]
    fn spans_shrink_when_the_speed_drops_but_never_below_a_block() {
        let slow = next_length(1 << 30, Duration::from_secs(10));
        assert_eq!(slow, (1 << 30) / 40);
        assert_eq!(next_length(BLOCK, Duration::from_secs(100)), BLOCK);
        assert_eq!(next_length(1 << 62, Duration::ZERO), 1 << 62);
    }
}
