//! The sorted times that bound a cell's lower quartile, and those that bound the ratio of two cells,
//! with the level that they reach. These intervals assume no distribution.
//!
//! A quantile lies between the i-th and the j-th of n sorted values with a binomial probability (David
//! and Nagaraja, "Order Statistics", 3rd edition, 2003, section 7.1). If two samples have the same
//! distribution, the r-th value of one lies above the s-th value of the other with a negative
//! hypergeometric probability. This is the precedence test (Nelson, "Tables for a precedence life
//! test", Technometrics 5, 1963; Balakrishnan and Ng, "Precedence-Type Tests and Applications",
//! 2006). Inverting the test gives the interval of the ratio of two cells.

/// The level that intervals should reach.
pub const LEVEL: f64 = 0.95;

/// The number of processes with which the intervals of a cell and of a ratio reach the level. (Eleven
/// only just reach it.) With twelve, at least 95% of the sessions find a cell that became 1.2 times
/// slower, even if a quarter of the processes is disturbed.
pub const PROCESSES_FOR_LEVEL: u32 = 12;

/// The share of a cell's processes that take at most as long as the cell's time.
const QUARTILE: f64 = 0.25;

/// The place of the lower quartile among `count` sorted values, counted from 1.
pub fn quartile(count: usize) -> usize {
    count.div_ceil(4)
}

/// Two places among sorted values, counted from 1, and the probability that the quantile lies between
/// them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub low: usize,
    pub high: usize,
    pub level: f64,
}

/// The places nearest to the lower quartile that reach the level, or the outermost places if none do.
/// `count` is at least 1.
pub fn around_quartile(count: usize) -> Bounds {
    // The distribution of the number of values below the quantile. The quantile is between the i-th
    // and the j-th value if this number is i to j - 1.
    let below = distribution(count, quartile(count), |below| {
        (count - below) as f64 / (below + 1) as f64 * QUARTILE / (1.0 - QUARTILE)
    });
    let start = quartile(count);
    let mut bounds = Bounds { low: start, high: start, level: 0.0 };
    while bounds.level < LEVEL {
        let down = (bounds.low > 1).then(|| below[bounds.low - 1]);
        let up = (bounds.high < count).then(|| below[bounds.high]);
        match (down, up) {
            (None, None) => break,
            (Some(down), up) if up.is_none_or(|up| down > up) => {
                bounds.low -= 1;
                bounds.level += down;
            }
            (_, up) => {
                bounds.high += 1;
                bounds.level += up.unwrap_or_default();
            }
        }
    }
    bounds
}

/// Places in two samples, counted from 1, and the probability that the value in the upper sample is
/// larger than the value in the lower sample, if both samples have the same distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precedence {
    pub lower: usize,
    pub upper: usize,
    pub chance: f64,
}

/// The places nearest to both lower quartiles at which this probability is small enough for one side of
/// an interval, or the outermost places if none are. `lower` and `upper` are the sizes of the samples,
/// at least 1.
pub fn precedence(lower: usize, upper: usize) -> Precedence {
    let (mut in_lower, mut in_upper) = (quartile(lower), quartile(upper));
    // The two places move in turn. The upper one moves first, towards the shortest times, which are
    // disturbed least.
    let mut towards_shortest = true;
    loop {
        let chance = chance_above(in_lower, lower, in_upper, upper);
        let outermost = in_upper == 1 && in_lower == lower;
        if chance <= (1.0 - LEVEL) / 2.0 || outermost {
            return Precedence { lower: in_lower, upper: in_upper, chance };
        }
        if in_upper > 1 && (towards_shortest || in_lower == lower) {
            in_upper -= 1;
        } else {
            in_lower += 1;
        }
        towards_shortest = !towards_shortest;
    }
}

/// The probability that the value at a place of the upper sample is above the value at a place of the
/// lower sample.
fn chance_above(in_lower: usize, lower: usize, in_upper: usize, upper: usize) -> f64 {
    // The distribution of the number of upper values that lie below the value in the lower sample.
    let mean = in_lower * upper / (lower + 1);
    let below = distribution(upper, mean, |below| {
        let (of_lower, of_upper) = ((in_lower + below) as f64, (upper - below) as f64);
        let rest = (lower - in_lower + upper - below) as f64;
        of_lower / (below + 1) as f64 * of_upper / rest
    });
    below[..in_upper].iter().sum()
}

/// A distribution over 0 to `most`, from the ratio of each probability to the one before. It starts near
/// the middle, so that underflow affects only values that do not matter.
fn distribution(most: usize, middle: usize, ratio: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut weights = vec![1.0; most + 1];
    for place in middle..most {
        weights[place + 1] = weights[place] * ratio(place);
    }
    for place in (0..middle).rev() {
        weights[place] = weights[place + 1] / ratio(place);
    }
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-12, "{value} for {expected}");
    }

    #[test]
    fn the_values_around_a_quartile_are_those_of_the_binomial_distribution() {
        // Sums of math.comb(n, i) * 0.25**i * 0.75**(n - i) for i from low to high - 1, by Python.
        for (count, low, high, level) in [
            (1, 1, 1, 0.0),
            (2, 1, 2, 0.375),
            (5, 1, 5, 0.76171875),
            (10, 1, 10, 0.9436855316162109),
            (11, 1, 7, 0.9502036571502686),
            (12, 1, 7, 0.9540708661079407),
            (20, 2, 10, 0.9618229581910782),
            (50, 7, 19, 0.9518759680040765),
        ] {
            let bounds = around_quartile(count);
            assert_eq!((bounds.low, bounds.high), (low, high), "of {count}");
            close(bounds.level, level);
        }
    }

    #[test]
    fn the_chance_of_precedence_is_counted() {
        // All orders of the values of two small samples are equally likely.
        for (lower, upper) in [(1, 1), (2, 3), (5, 5), (6, 4)] {
            let ways = (0u32..1 << (lower + upper)).filter(|way| way.count_ones() == upper as u32);
            let ways: Vec<u32> = ways.collect();
            for in_lower in 1..=lower {
                for in_upper in 1..=upper {
                    let place = |way: u32, sample: u32, number: usize| {
                        let mut of_sample = (0..lower + upper).filter(|at| way >> at & 1 == sample);
                        of_sample.nth(number - 1)
                    };
                    let above = ways
                        .iter()
                        .filter(|&&way| place(way, 1, in_upper) > place(way, 0, in_lower))
                        .count();
                    let expected = above as f64 / ways.len() as f64;
                    close(chance_above(in_lower, lower, in_upper, upper), expected);
                }
            }
        }
    }

    #[test]
    fn the_places_of_a_ratio_are_the_nearest_that_reach_the_level() {
        for (lower, upper, places, chance) in [
            (1, 1, (1, 1), 0.5),
            (3, 3, (3, 1), 1.0 / 20.0),
            (4, 4, (4, 1), 1.0 / 70.0),
            (5, 5, (4, 1), 120.0 / 5040.0),
            (9, 9, (5, 1), 15_120.0 / 1_028_160.0),
            (12, 12, (5, 1), 95_040.0 / 5_100_480.0),
            (5, 12, (3, 1), 60.0 / 4080.0),
            (12, 5, (8, 1), 0.020361990950226245),
        ] {
            let found = precedence(lower, upper);
            assert_eq!((found.lower, found.upper), places, "{lower} and {upper}: {found:?}");
            close(found.chance, chance);
        }
    }

    #[test]
    fn thousands_of_processes_lose_nothing_to_underflow() {
        let bounds = around_quartile(20_000);
        assert!((0.95..0.96).contains(&bounds.level), "{bounds:?}");
        let (found, most) = (precedence(20_000, 20_000), (1.0 - LEVEL) / 2.0);
        assert!((most - 0.001..most).contains(&found.chance), "{found:?}");
        assert!(found.upper < 5000 && 5000 < found.lower, "{found:?}");
    }
}
