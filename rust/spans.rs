//! The split of a range over time: a long count goes span by span, so that its caller can show the
//! progress, keep what is done, and stop.

use crate::samples::{BLOCK, Samples};
use std::time::Duration;

/// A range that is counted span by span. The spans are consecutive, and their lengths follow the
/// speed.
///
/// ```
/// use libpi::{BLOCK, Samples, Spans};
/// use std::time::Duration;
/// let mut spans = Spans::new(Samples::new(0, 10 * BLOCK)?, BLOCK, 2);
/// assert_eq!(spans.next().map(Samples::count), Some(2 * BLOCK));
/// spans.adapt(Duration::from_secs(1), Duration::from_secs(3));
/// assert_eq!(spans.next().map(Samples::count), Some(6 * BLOCK));
/// assert_eq!(spans.rest().count(), 2 * BLOCK);
/// # Ok::<(), libpi::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Spans {
    rest: Samples,
    /// The length of the last span.
    last: u64,
    /// The most that the next one takes.
    length: u64,
    shortest: u64,
}

impl Spans {
    /// How long a span should take if nothing else is wanted: so short that a caller can react several
    /// times a second, so long that starting the threads costs next to nothing.
    pub const TIME: Duration = Duration::from_millis(250);

    /// The range, beginning with a span of this length for each worker.
    ///
    /// # Panics
    /// If the length is below [`BLOCK`].
    pub fn new(samples: Samples, length: u64, workers: u64) -> Self {
        assert!(length >= BLOCK, "a span of {length} samples: it must be at least {BLOCK}");
        let workers = workers.max(1);
        Self {
            rest: samples,
            last: 0,
            length: length.saturating_mul(workers),
            shortest: BLOCK.saturating_mul(workers),
        }
    }

    /// What no span has taken yet.
    pub fn rest(&self) -> Samples {
        self.rest
    }

    /// The last span took so long, and the next one should take about this long. It is at most 8 times
    /// longer, because a short span says little about the speed. No span is shorter than one block for
    /// each worker.
    pub fn adapt(&mut self, took: Duration, wanted: Duration) {
        let factor = wanted.as_secs_f64() / took.as_secs_f64().max(1e-9);
        let next = self.last as f64 * factor.min(8.0);
        self.length = (next as u64).clamp(self.shortest, self.shortest.max(1 << 62));
    }
}

impl Iterator for Spans {
    type Item = Samples;

    fn next(&mut self) -> Option<Samples> {
        let span;
        (span, self.rest) = self.rest.split_at(self.length);
        self.last = span.count();
        (self.last > 0).then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(length: u64, workers: u64) -> Spans {
        Spans::new(Samples::new(0, u64::MAX).unwrap(), length, workers)
    }

    /// Whatever the speed, the spans soon take the wanted time, and none takes more than a second
    /// unless a single block does.
    #[test]
    fn spans_adapt_to_the_speed() {
        for nanoseconds in [0.001, 0.1, 1.0, 40.0, 3000.0] {
            let took = |length: u64| Duration::from_secs_f64(length as f64 * nanoseconds * 1e-9);
            let mut spans = spans(BLOCK, 1);
            for _ in 0..12 {
                let length = spans.next().unwrap().count();
                assert!(took(length) < Duration::from_secs(1), "{length} at {nanoseconds} ns");
                spans.adapt(took(length), Spans::TIME);
            }
            let span = took(spans.length).as_secs_f64();
            assert!((0.2..0.3).contains(&span), "{span} s at {nanoseconds} ns");
        }
    }

    #[test]
    fn spans_shrink_when_the_speed_drops_but_never_below_a_block_for_each_worker() {
        let adapted = |length, workers, took| {
            let mut spans = spans(length, workers);
            spans.next();
            spans.adapt(took, Spans::TIME);
            spans.length
        };
        assert_eq!(adapted(1 << 30, 1, Duration::from_secs(10)), (1 << 30) / 40);
        assert_eq!(adapted(BLOCK, 1, Duration::from_secs(100)), BLOCK);
        assert_eq!(adapted(BLOCK, 3, Duration::from_secs(100)), 3 * BLOCK);
        assert_eq!(adapted(1 << 62, 1, Duration::ZERO), 1 << 62);
    }
}
