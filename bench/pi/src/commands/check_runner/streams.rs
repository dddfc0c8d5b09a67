//! Checks the random numbers of statistical runners by the counts of many processes: each seed and each
//! worker must draw numbers of its own, every sample must be drawn, and what can be repeated must repeat.

use super::ask::{Kept, Runner};
use pi_harness::protocol::error;
use pi_harness::results::{BlockError, ErrorKind};
use pi_protocol::Request;
use std::f64::consts::FRAC_PI_4;

/// The number of processes, each with a seed of its own.
const SEEDS: u64 = 12;

/// The number of runs of each process. They differ if the runner continues its stream, or takes its
/// seed from elsewhere.
const RUNS: u32 = 2;

/// The number of runs that must repeat a count.
const REPEATS: u32 = 5;

/// A number of samples that 2 to 10 workers or tasks can share equally.
pub(super) const EQUAL_SHARES: u64 = 70_560;

/// A number of samples of which 7 workers leave 6 if each takes the same number.
pub(super) const UNEQUAL_SHARES: u64 = 13;

/// The largest deviation that may be chance, in standard deviations.
const SIGMAS: f64 = 5.0;

/// The runner may refuse several threads. If it answers, its counts must differ as those of independent numbers do.
pub(super) fn draws_apart(runner: &Runner, request: &Request) -> Result<Kept, BlockError> {
    judge(runner, request, EQUAL_SHARES, apart)
}

/// The runner may refuse several threads. If it answers, it must draw as many samples as it was asked for.
pub(super) fn draws_all(runner: &Runner, request: &Request) -> Result<Kept, BlockError> {
    judge(runner, request, UNEQUAL_SHARES, all_drawn)
}

/// The runner may refuse several threads. If all runs on one thread count the same, all runs on several must too.
pub(super) fn repeats(runner: &Runner, request: &Request) -> Result<Kept, BlockError> {
    let ask = |threads| {
        let request = Request { count: EQUAL_SHARES, runs: REPEATS, threads, ..request.clone() };
        let reply = runner.answers_if_it_has_the_threads(&request, None)?;
        Ok::<_, BlockError>(reply.map(|reply| hits(&reply.answer.runs)))
    };
    for _process in 0..2 {
        let (Some(one), Some(many)) = (ask(1)?, ask(request.threads)?) else {
            return Ok(Kept::Refuses);
        };
        if let Some(wrong) = not_repeated(&one, &many) {
            return Err(error(ErrorKind::WrongHits, wrong));
        }
    }
    Ok(Kept::Answers)
}

type Fault = fn(&[u64], u64) -> Option<String>;

fn judge(runner: &Runner, request: &Request, count: u64, fault: Fault) -> Result<Kept, BlockError> {
    let mut counts = Vec::new();
    for seed in 1..=SEEDS {
        let request = Request { seed, count, warmup: 0, runs: RUNS, ..request.clone() };
        let Some(reply) = runner.answers_if_it_has_the_threads(&request, None)? else {
            return Ok(Kept::Refuses);
        };
        let mut runs = hits(&reply.answer.runs);
        if runs.iter().all(|hits| *hits == runs[0]) {
            runs.truncate(1); // The seed alone decides, so all runs are one observation.
        }
        counts.extend(runs);
    }
    match fault(&counts, count) {
        None => Ok(Kept::Answers),
        Some(wrong) => Err(error(ErrorKind::WrongHits, wrong)),
    }
}

fn hits(runs: &[pi_protocol::Run]) -> Vec<u64> {
    runs.iter().map(|run| run.hits).collect()
}

/// What shows that these counts do not come from independent numbers.
fn apart(counts: &[u64], count: u64) -> Option<String> {
    let number = counts.len();
    if counts.iter().all(|hits| *hits == counts[0]) {
        return Some(format!(
            "it counted {} hits with each of {number} seeds: each seed must give other numbers",
            counts[0]
        ));
    }
    // That 12 random counts have a common factor of 3 or more has a probability of 3^-12.
    let divisor = counts.iter().fold(0, |divisor, hits| common_divisor(divisor, *hits));
    if divisor > 2 {
        return Some(format!(
            "all of its {number} counts are multiples of {divisor}: its workers draw the same numbers, so \
             give each worker a stream of its own"
        ));
    }
    let expected = FRAC_PI_4 * count as f64;
    let variance = expected * (1.0 - FRAC_PI_4);
    let deviations: f64 = counts.iter().map(|hits| (*hits as f64 - expected).powi(2)).sum();
    let spread = deviations / variance / number as f64;
    let sigmas = sigmas_of_spread(spread, number);
    let than = match sigmas {
        _ if sigmas > SIGMAS => "much more",
        _ if sigmas < -SIGMAS => "much less",
        _ => return None,
    };
    Some(format!(
        "its {number} counts spread {than} than those of independent numbers (the variance is {spread:.2} \
         times theirs): give each seed and each worker a stream of its own"
    ))
}

/// How many standard deviations a sample variance lies from 1, by the approximation of Wilson and
/// Hilferty, "The Distribution of Chi-Square" (1931).
fn sigmas_of_spread(spread: f64, number: usize) -> f64 {
    let ninth = 2.0 / (9.0 * number as f64);
    (spread.cbrt() - (1.0 - ninth)) / ninth.sqrt()
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// What shows that not all samples were drawn.
fn all_drawn(counts: &[u64], count: u64) -> Option<String> {
    let samples = count * counts.len() as u64;
    let expected = FRAC_PI_4 * samples as f64;
    let hits: u64 = counts.iter().sum();
    let sigma = (expected * (1.0 - FRAC_PI_4)).sqrt();
    ((hits as f64 - expected).abs() > SIGMAS * sigma).then(|| {
        format!(
            "it counted {hits} hits among {} times {count} samples, not about {expected:.0}: if the samples \
             do not divide by the workers, some must take one more",
            counts.len()
        )
    })
}

/// What shows that several workers do not repeat what one does.
fn not_repeated(one: &[u64], many: &[u64]) -> Option<String> {
    let same = |counts: &[u64]| counts.iter().all(|hits| *hits == counts[0]);
    (same(one) && !same(many)).then(|| {
        format!(
            "one thread counts {} hits in every run, but several count {} and {}: the order in which \
             they draw must not matter, so give each worker a generator of its own",
            one[0],
            many[0],
            many.iter().find(|hits| **hits != many[0]).unwrap_or(&many[0])
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of `workers` workers, in which as many as `alike` draw the same numbers.
    fn counts(number: u64, workers: u64, alike: u64) -> Vec<u64> {
        let share = EQUAL_SHARES / workers;
        let mut random = fastrand::Rng::with_seed(7);
        let mut draw = || (0..share).filter(|_| random.f64() < FRAC_PI_4).count() as u64;
        (0..number)
            .map(|_| alike * draw() + (alike..workers).map(|_| draw()).sum::<u64>())
            .collect()
    }

    #[test]
    fn counts_of_independent_numbers_are_accepted() {
        for (number, workers) in [(12, 1), (12, 7), (24, 10)] {
            assert_eq!(
                apart(&counts(number, workers, 1), EQUAL_SHARES),
                None,
                "{number} {workers}"
            );
        }
    }

    #[test]
    fn numbers_that_are_drawn_twice_are_found() {
        for (counts, words) in [
            (vec![55_418; 12], "55418 hits with each of 12 seeds"),
            (counts(12, 7, 7), "multiples of 7: its workers draw the same numbers"),
            (counts(12, 10, 10), "multiples of 10"),
            (counts(24, 7, 6), "spread much more"),
            (counts(12, 1, 1).iter().map(|hits| 55_418 + hits % 3).collect(), "spread much less"),
        ] {
            let fault = apart(&counts, EQUAL_SHARES).unwrap_or_default();
            assert!(fault.contains(words), "{words}: '{fault}'");
        }
    }

    #[test]
    fn samples_that_are_not_drawn_are_missed() {
        assert_eq!(all_drawn(&[10, 11, 9, 10, 10, 11, 10, 10, 11, 10, 10, 9], 13), None);
        for hits in [5, 13] {
            let fault = all_drawn(&[hits; 12], 13).unwrap_or_default();
            let words = format!("{} hits among 12 times 13 samples, not about 123", 12 * hits);
            assert!(fault.contains(&words), "{fault}");
        }
    }

    #[test]
    fn only_what_one_thread_repeats_must_be_repeated() {
        for (one, many) in [([7, 7], [8, 8]), ([7, 8], [7, 8]), ([7, 8], [7, 7])] {
            assert_eq!(not_repeated(&one, &many), None);
        }
        let fault = not_repeated(&[7, 7, 7], &[8, 8, 9]).unwrap_or_default();
        assert!(fault.contains("7 hits in every run, but several count 8 and 9"), "{fault}");
    }
}
