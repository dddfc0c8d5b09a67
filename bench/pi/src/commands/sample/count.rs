//! The counting of `pi sample`: span by span, and each span by all ranks together. So they agree after
//! each span on what is done, and on whether to go on.

use super::work::{Tally, nanoseconds};
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use anyhow::bail;
use libpi::{BLOCK, Samples, Spans};
use pi_harness::failure::CheckFailed;
use pi_harness::process::StopSignals;
use std::time::{Duration, Instant};

/// The length of the first span for each worker. Nothing is known about the speed yet, and a kernel of the
/// user's own may be slow. Spans soon grow.
const FIRST_SPAN: u64 = BLOCK;

/// The length of every span for each worker, if the lengths do not follow the speed.
const FIXED_SPAN: u64 = 1 << 24;

/// The longest time that a span should take. A signal waits for its end.
const LONGEST: Duration = Duration::from_secs(1);

/// How many times longer a span should take than the ranks wait for each other at its end.
const TIMES_THE_WAIT: u32 = 200;

/// What to count, and when to stop.
pub(super) struct Plan<'a> {
    pub(super) samples: Samples,
    pub(super) threads: u32,
    /// Whether the lengths of spans may follow the speed. The count of a statistical kernel depends on how
    /// the range is split, so then the split must not depend on the time.
    pub(super) adapts: bool,
    /// How long to count at most.
    pub(super) limit: Option<Duration>,
    pub(super) signals: &'a StopSignals,
}

/// What was counted, and the seconds of this rank.
pub(super) struct Counted {
    pub(super) tally: Tally,
    pub(super) compute: Duration,
    /// The time in which the ranks added up and waited for each other.
    pub(super) reduce: Duration,
    /// Whether a signal to any rank ended the count before its end.
    pub(super) is_stopped: bool,
}

/// Counts the samples with all ranks. After each span `told` gets what they have counted.
///
/// # Errors
/// If a kernel fails, or if its count of a span cannot be true.
pub(super) fn count(
    workers: &Workers,
    plan: &Plan,
    ranks: &Ranks,
    mut told: impl FnMut(&Tally),
) -> anyhow::Result<Counted> {
    let team = u64::from(plan.threads) * u64::from(ranks.size());
    let length = if plan.adapts { FIRST_SPAN } else { FIXED_SPAN };
    let mut spans = Spans::new(plan.samples, length, team);
    let mut counted = Counted {
        tally: Tally::default(),
        compute: Duration::ZERO,
        reduce: Duration::ZERO,
        is_stopped: false,
    };
    let start = Instant::now();
    let mut wait = Duration::ZERO;
    while let Some(span) = spans.next() {
        let begin = Instant::now();
        let own = ranks.lone(workers.hits(ranks.part(span)))?;
        counted.compute += begin.elapsed();

        let end = Instant::now();
        let stop = u64::from(plan.signals.received().is_some());
        // The clock of the first rank is that of all.
        let clock = if ranks.is_root() { nanoseconds(start.elapsed()) } else { 0 };
        let [hits, stops, clock, waits] = ranks.sums([own, stop, clock, nanoseconds(wait)]);
        check(hits, span)?;
        wait = if ranks.size() > 1 { end.elapsed() } else { Duration::ZERO };
        counted.reduce += end.elapsed();

        let clock = Duration::from_nanos(clock);
        let took = clock.saturating_sub(counted.tally.time);
        counted.tally.add(&Tally { hits, samples: span.count(), time: took });
        told(&counted.tally);
        let is_over = plan.limit.is_some_and(|limit| clock >= limit);
        if spans.rest().count() == 0 || is_over {
            break;
        }
        if stops > 0 {
            counted.is_stopped = true;
            break;
        }
        if plan.adapts {
            let left = plan.limit.map(|limit| limit - clock);
            let mean_wait = Duration::from_nanos(waits / u64::from(ranks.size()));
            spans.adapt(took, span_time(mean_wait, left));
        }
    }
    Ok(counted)
}

/// Checks the hits of a span, before anybody keeps them.
fn check(hits: u64, span: Samples) -> anyhow::Result<()> {
    let samples = span.count();
    if hits > samples {
        bail!(CheckFailed(format!(
            "the kernel has counted {hits} hits of {samples} samples: a kernel must count each sample once at \
             most, and `pi verify` must accept it"
        )));
    }
    Ok(())
}

/// How long the next span should take.
fn span_time(wait: Duration, left: Option<Duration>) -> Duration {
    let time = wait.saturating_mul(TIMES_THE_WAIT).clamp(Spans::TIME, LONGEST);
    left.map_or(time, |left| time.min(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_grow_with_the_wait_and_end_with_the_time() {
        let ms = Duration::from_millis;
        assert_eq!(span_time(ms(0), None), Spans::TIME);
        assert_eq!(span_time(ms(2), None), ms(400));
        assert_eq!(span_time(ms(60_000), None), LONGEST);
        assert_eq!(span_time(ms(2), Some(ms(5000))), ms(400));
        assert_eq!(span_time(ms(2), Some(ms(30))), ms(30));
    }
}
