//! What `pi sample` is to count, and what is done of it.

use super::options::Sample;
use super::shard::ShardOf;
use anyhow::bail;
use humantime::format_duration;
use libpi::{Estimate, Generator, Samples};
use std::fmt::Display;
use std::time::Duration;

/// What was counted of a range, from its first sample on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) hits: u64,
    pub(super) samples: u64,
    pub(super) time: Duration,
}

impl Tally {
    pub(super) fn add(&mut self, more: &Self) {
        self.hits = self.hits.wrapping_add(more.hits);
        self.samples += more.samples;
        self.time += more.time;
    }

    /// This and what was counted after it.
    pub(super) fn and(mut self, more: &Self) -> Self {
        self.add(more);
        self
    }

    pub(super) fn per_second(&self) -> f64 {
        self.samples as f64 / self.time.as_secs_f64()
    }
}

/// A time in nanoseconds, with the largest number in place of a larger one.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A range to count; or, with a time limit, as much of it as the time allows.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) generator: Generator,
    pub(super) seed: u64,
    pub(super) samples: Samples,
    pub(super) limit: Option<Duration>,
    /// The wanted standard error from which the number of samples follows.
    pub(super) precision: Option<f64>,
    /// The part of a larger range that this is, if the user asked for one.
    pub(super) shard: Option<ShardOf>,
    /// What earlier runs have counted.
    pub(super) before: Tally,
}

impl Work {
    /// What the options ask for.
    ///
    /// # Errors
    /// If the generator or the range of indices cannot give it.
    pub(super) fn new(
        options: &Sample,
        default_generator: impl Fn() -> Generator,
    ) -> anyhow::Result<Self> {
        let generator = options.generator.unwrap_or_else(default_generator);
        let seed = options.seed.unwrap_or(generator.default_seed());
        generator.check_seed(seed)?;
        if options.checkpoint.is_some() && !generator.is_exact() {
            bail!(
                "--checkpoint cannot keep a count of {generator}: it depends on how the range is split, so \
                 two parts of it do not add up to the whole; use an exact generator, such as philox"
            );
        }
        if options.shard.is_some() && !generator.is_exact() {
            bail!(
                "--shard cannot count a part of {generator}: its count depends on how the range is split, so \
                 parts do not add up to the whole; use an exact generator, such as philox"
            );
        }
        let first = options.first.unwrap_or(0);
        let count = match (options.count, options.precision) {
            (Some(count), _) => count,
            (None, Some(precision)) => samples_for(precision, generator, first)?,
            (None, None) => most_from(first),
        };
        let whole = Samples::new(first, count)?;
        let samples = options.shard.map_or(whole, |shard| shard.part(whole));
        let shard = options.shard.map(|shard| shard.of(whole));
        // A part of the samples does not reach the precision of all.
        let precision = options.precision.filter(|_| shard.is_none());
        let before = Tally::default();
        Ok(Self { generator, seed, samples, limit: options.time, precision, shard, before })
    }

    /// Checks that the options ask for this work of an earlier run, as far as they ask for anything.
    ///
    /// # Errors
    /// If an option asks for something else.
    pub(super) fn agree_with(&self, options: &Sample) -> anyhow::Result<()> {
        // The options of a shard describe the range of which it is a part.
        let whole = self.shard.map_or(Ok(self.samples), ShardOf::whole)?;
        let shard = self.shard.and_then(|shard| shard.shard().ok());
        let count = whole.count();
        let amount = match (self.limit, self.precision, shard) {
            (Some(limit), ..) => format!("--time {}", format_duration(limit)),
            (None, Some(precision), _) => format!("--precision {precision:e} (-n {count})"),
            (None, None, Some(shard)) => format!("-n {count} --shard {shard}"),
            (None, None, None) => format!("-n {count}"),
        };
        let is_count = |given| self.limit.is_none() && given == count;
        let is_precision = |precision| is_count(Estimate::samples_for(precision) as u64);
        let differ = [
            differs("--generator", options.generator, self.generator),
            differs("--seed", options.seed, self.seed),
            differs("--first", options.first, whole.first()),
            options
                .count
                .filter(|&given| !is_count(given))
                .map(|given| format!("-n {given}, and it has {amount}")),
            options
                .precision
                .filter(|&given| !is_precision(given))
                .map(|given| format!("--precision {given:e}, and it has {amount}")),
            options
                .shard
                .filter(|&given| shard != Some(given))
                .map(|given| format!("--shard {given}, and it has {amount}")),
            options
                .time
                .filter(|&given| self.limit != Some(given))
                .map(|given| format!("--time {}, and it has {amount}", format_duration(given))),
        ];
        let differ: Vec<String> = differ.into_iter().flatten().collect();
        if differ.is_empty() {
            return Ok(());
        }
        bail!(
            "the file of --resume holds another count than the options ask for: {}; leave them out, or start \
             a new count with --checkpoint",
            differ.join("; ")
        )
    }

    /// The estimate of pi, if there is one.
    pub(super) fn estimate(&self, total: &Tally) -> libpi::Result<Option<Estimate>> {
        let estimate = Estimate::new(total.hits, total.samples)?;
        Ok(estimate.filter(|_| !self.generator.is_problem()))
    }

    /// Whether nothing is left to count after this.
    pub(super) fn is_done(&self, tally: &Tally) -> bool {
        let is_over = self.limit.is_some_and(|limit| tally.time >= limit);
        is_over || tally.samples == self.samples.count()
    }

    /// What earlier runs have left.
    pub(super) fn rest(&self) -> Samples {
        let is_done = self.is_done(&self.before);
        self.samples.after(if is_done { self.samples.count() } else { self.before.samples })
    }

    /// The share of the work that is done after this, 0 to 1.
    pub(super) fn share(&self, tally: &Tally) -> f64 {
        let of_samples = tally.samples as f64 / self.samples.count() as f64;
        let of_time = self.limit.map(|limit| tally.time.as_secs_f64() / limit.as_secs_f64());
        of_samples.max(of_time.unwrap_or(0.0)).min(1.0)
    }

    /// How long the rest takes after this run has counted so much.
    pub(super) fn left_after(&self, tally: &Tally) -> Duration {
        let total = self.before.and(tally);
        let samples = (self.samples.count() - total.samples) as f64;
        let left = Duration::try_from_secs_f64(samples / tally.per_second());
        let left = left.unwrap_or(Duration::MAX);
        self.limit.map_or(left, |limit| left.min(limit.saturating_sub(total.time)))
    }

    /// A warning if the error bar of the answer will not hold. With a time limit only the end tells.
    pub(super) fn warning(&self) -> Option<String> {
        self.generator.warning(self.samples.count()).filter(|_| self.limit.is_none())
    }

    /// The warning that only the end of a run with a time limit gives.
    pub(super) fn warning_after(&self, total: &Tally) -> Option<String> {
        self.generator.warning(total.samples).filter(|_| self.limit.is_some())
    }
}

/// What an option asks for and the file does not have.
fn differs<T: PartialEq + Display>(option: &str, given: Option<T>, held: T) -> Option<String> {
    given.filter(|given| *given != held).map(|given| format!("{option} {given}, and it has {held}"))
}

/// The number of samples from `first` to the last index, as far as 64 bits can count them.
fn most_from(first: u64) -> u64 {
    if first == 0 { u64::MAX } else { first.wrapping_neg() }
}

/// The number of samples for a standard error.
///
/// # Errors
/// If there are not so many samples.
pub(super) fn samples_for(precision: f64, generator: Generator, first: u64) -> anyhow::Result<u64> {
    if generator.is_problem() {
        bail!("--precision is that of pi, and {generator} is another problem: use -n or --time");
    }
    let samples = Estimate::samples_for(precision);
    let most = most_from(first).min(generator.period().unwrap_or(u64::MAX));
    // The largest u64 becomes 2^64 as a double, and 2^64 becomes the largest u64 again.
    if samples <= most as f64 {
        return Ok((samples as u64).min(most));
    }
    let why = match generator.period() {
        Some(period) if most == period => format!("{generator} repeats its points after {most}"),
        _ if most == 1 => format!("sample {first} is the last one"),
        _ => format!("from sample {first} on there are only {most}"),
    };
    let needs = match samples.is_finite() {
        true => format!("{samples:.3e}"),
        false => "more than 1e308".to_owned(),
    };
    bail!(
        "a standard error of {precision:e} needs {needs} samples, but {why}: the best that can be had is {}",
        rounded_up(Estimate::expected_error(most))
    )
}

/// A positive number with three digits, not below the number itself.
fn rounded_up(value: f64) -> String {
    let text = format!("{value:.2e}");
    if text.parse::<f64>().is_ok_and(|shown| shown >= value) {
        return text;
    }
    format!("{:.2e}", value + 10f64.powf(value.log10().floor() - 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said to be the best can be had, and not much better.
    #[test]
    fn the_best_precision_can_be_had() {
        let generators = [Generator::Philox, Generator::Npb, Generator::Xoshiro];
        for generator in generators {
            for first in [0, 1, 1 << 62, u64::MAX - 1_000_000, u64::MAX - 1, u64::MAX] {
                let refused = samples_for(1e-11, generator, first).unwrap_err().to_string();
                let best: f64 = refused.rsplit(' ').next().unwrap().parse().unwrap();
                assert!(samples_for(best, generator, first).is_ok(), "{first}: {refused}");
                assert!(samples_for(0.98 * best, generator, first).is_err(), "{first}: {refused}");
            }
        }
    }

    #[test]
    fn numbers_are_rounded_up() {
        for (value, text) in [(3.821e-10, "3.83e-10"), (3.82e-10, "3.82e-10"), (9.999, "1.00e1")] {
            assert_eq!(rounded_up(value), text);
        }
    }
}
