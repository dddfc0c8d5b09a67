//! The statistics of times: lower quartiles, ratios and differences, each with an interval.
//!
//! Processes repeat independently, runs do not. The runs of one process share its memory layout and the
//! placement of its threads, so more runs make an interval narrower but not truer. Therefore each
//! process gives one number, the median of its runs (Kalibera and Jones, "Rigorous benchmarking in
//! reasonable time", ISMM 2013; Hoefler and Belli, "Scientific benchmarking of parallel computing
//! systems", SC15). The time of a cell is the lower quartile of its processes. Other programs make a
//! process slower, never faster. If they disturb a quarter of the processes, the median moves and the
//! lower quartile does not. Intervals run between order statistics, see [`crate::analysis::order`].
//!
//! All statistics are of times or ratios of times. Rates are computed from times at the end, and never
//! averaged.

use crate::analysis::order::{around_quartile, precedence, quartile};
use fastrand::Rng;
use serde::Serialize;

/// The smallest number of processes with which a cell has an interval and is compared. Fewer say too
/// little: the outermost of three do not reach the level even for the ratio of two cells.
pub const ENOUGH_PROCESSES: usize = 5;

/// The range of values that the data do not contradict.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    /// The probability that such an interval holds the true value.
    pub level: f64,
}

/// A value and its interval. With fewer than [`ENOUGH_PROCESSES`] there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub interval: Option<Interval>,
}

impl Estimate {
    /// The estimate of a monotone function of the value, rising or falling.
    pub fn map(self, function: impl Fn(f64) -> f64) -> Self {
        let interval = self.interval.map(|Interval { low, high, level }| {
            let (one, other) = (function(low), function(high));
            Interval { low: one.min(other), high: one.max(other), level }
        });
        Self { value: function(self.value), interval }
    }
}

/// The middle value, or the midpoint of the middle two. No values have no median.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    (!sorted.is_empty()).then(|| median_in(&mut sorted))
}

/// The median of at least one value. It changes the order of the values.
fn median_in(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    let (below, &mut middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if values.len().is_multiple_of(2) => f64::midpoint(lower, middle),
        _ => middle,
    }
}

/// The times of one cell: at least one process.
#[derive(Debug, Clone)]
pub struct Times {
    /// The time of each process, the shortest first.
    processes: Vec<f64>,
    runs: usize,
    min: f64,
}

impl Times {
    /// Computes the times from the runs of each process. Processes without runs do not count.
    pub fn of<'a>(processes: impl IntoIterator<Item = &'a [f64]>) -> Option<Self> {
        let mut times = Self { processes: Vec::new(), runs: 0, min: f64::INFINITY };
        for runs in processes {
            times.processes.extend(median(runs));
            times.runs += runs.len();
            times.min = runs.iter().copied().fold(times.min, f64::min);
        }
        times.processes.sort_unstable_by(f64::total_cmp);
        (!times.processes.is_empty()).then_some(times)
    }

    /// The number of processes.
    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    /// The number of runs in all processes.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// The shortest run.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// The cell's time: the lower quartile of its processes, which is the time of one of them.
    pub fn value(&self) -> f64 {
        self.at(quartile(self.processes.len()))
    }

    /// The median of the processes.
    pub fn median(&self) -> f64 {
        median_in(&mut self.processes.clone())
    }

    /// The median absolute deviation of the processes from their median, not scaled.
    pub fn mad(&self) -> f64 {
        let middle = self.median();
        let mut deviations: Vec<f64> = self.processes.iter().map(|p| (p - middle).abs()).collect();
        median_in(&mut deviations)
    }

    /// The cell's time with its interval.
    pub fn estimate(&self) -> Estimate {
        let interval = self.is_enough().then(|| {
            let bounds = around_quartile(self.processes.len());
            Interval { low: self.at(bounds.low), high: self.at(bounds.high), level: bounds.level }
        });
        Estimate { value: self.value(), interval }
    }

    /// This cell's time divided by the other's.
    pub fn ratio(&self, other: &Self) -> Estimate {
        self.against(other, |this, other| this / other)
    }

    /// This cell's time minus the other's.
    pub fn above(&self, other: &Self) -> Estimate {
        self.against(other, |this, other| this - other)
    }

    /// A function of two cells' times, with its interval. The function rises with the first time and
    /// falls with the second.
    fn against(&self, other: &Self, of: impl Fn(f64, f64) -> f64) -> Estimate {
        let interval = (self.is_enough() && other.is_enough()).then(|| {
            let low = precedence(other.processes.len(), self.processes.len());
            let high = precedence(self.processes.len(), other.processes.len());
            Interval {
                low: of(self.at(low.upper), other.at(low.lower)),
                high: of(self.at(high.lower), other.at(high.upper)),
                level: 1.0 - low.chance - high.chance,
            }
        });
        Estimate { value: of(self.value(), other.value()), interval }
    }

    /// The time of a resample: as many processes, drawn at random from this cell's.
    pub fn resampled(&self, rng: &mut Rng, drawn: &mut Vec<f64>) -> f64 {
        let count = self.processes.len();
        drawn.clear();
        drawn.extend((0..count).map(|_| self.processes[rng.usize(..count)]));
        *drawn.select_nth_unstable_by(quartile(count) - 1, f64::total_cmp).1
    }

    /// Whether there are enough processes for an interval.
    pub fn is_enough(&self) -> bool {
        self.processes.len() >= ENOUGH_PROCESSES
    }

    /// The time at a place, counted from 1, the shortest first.
    fn at(&self, place: usize) -> f64 {
        self.processes[place - 1]
    }
}

/// The result of comparing two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Faster,
    Slower,
    NoDifference,
    /// One of the cells has too few processes for an interval.
    TooFewProcesses,
}

impl Verdict {
    /// The verdict on a ratio of times. Two cells differ if the whole interval lies beyond the noise
    /// floor, on one side. An unknown noise floor counts as 0.
    pub fn of(ratio: Estimate, noise_floor: Option<f64>) -> Self {
        let noise_floor = noise_floor.unwrap_or(0.0);
        match ratio.interval {
            None => Self::TooFewProcesses,
            Some(Interval { low, .. }) if low > 1.0 + noise_floor => Self::Slower,
            Some(Interval { high, .. }) if high < 1.0 / (1.0 + noise_floor) => Self::Faster,
            Some(_) => Self::NoDifference,
        }
    }

    /// Whether a difference was seen.
    pub fn differs(self) -> bool {
        matches!(self, Self::Faster | Self::Slower)
    }
}

/// The gap between two measurements of the same cell, relative to the smaller.
pub fn noise_floor(one: &Times, again: &Times) -> f64 {
    let ratio = one.value() / again.value();
    ratio.max(1.0 / ratio) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine processes of a made-up cell, and nine of a cell that is a tenth slower.
    const A: [f64; 9] = [1.021, 0.993, 1.007, 1.000, 1.034, 0.989, 1.012, 1.003, 0.997];
    const B: [f64; 9] = [1.108, 1.093, 1.121, 1.102, 1.131, 1.097, 1.115, 1.089, 1.106];

    fn times(processes: &[f64]) -> Times {
        Times::of(processes.chunks(1)).unwrap()
    }

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-12 * expected.abs(), "{value} for {expected}");
    }

    #[test]
    fn medians_of_few() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn a_cell_is_the_lower_quartile_of_its_processes_not_of_its_runs() {
        // If the runs were pooled, the many runs of the last process would decide: they are 9.
        let processes: [&[f64]; 4] = [&[1.5, 2.0, 3.0], &[], &[4.0, 2.0], &[9.0; 50]];
        let times = Times::of(processes).unwrap();
        assert_eq!((times.value(), times.median()), (2.0, 3.0));
        assert_eq!(times.min(), 1.5);
        assert_eq!(times.mad(), 1.0);
        assert_eq!(times.processes(), 3);
        assert_eq!(times.runs(), 55);
        assert!(Times::of([[].as_slice()]).is_none());
    }

    #[test]
    fn runs_of_one_process_do_not_narrow_the_interval() {
        let few = times(&A).estimate();
        let many: Vec<[f64; 100]> = A.iter().map(|&value| [value; 100]).collect();
        let many = Times::of(many.iter().map(|runs| &runs[..])).unwrap();
        assert_eq!(many.estimate(), few);
        assert_eq!(Times::of([&A[..]]).unwrap().estimate().interval, None);
    }

    // SciPy 1.17.1 computed the expected values, where a is A as an array.

    #[test]
    fn median_and_mad_are_scipys() {
        // numpy.median(a), scipy.stats.median_abs_deviation(a), then of a[:8]
        close(times(&A).median(), 1.003);
        close(times(&A).mad(), 0.009000000000000119);
        close(times(&A[..8]).median(), 1.005);
        close(times(&A[..8]).mad(), 0.009500000000000008);
    }

    fn interval(low: f64, high: f64, level: f64) -> Option<Interval> {
        Some(Interval { low, high, level })
    }

    #[test]
    fn intervals_are_between_processes_and_of_fewer_than_five_there_is_none() {
        // A in order: .989 .993 .997 1.000 1.003 1.007 1.012 1.021 1.034. No two of nine values reach
        // 95% for the quartile: the first and the last reach 1 - 0.75^9 - 0.25^9.
        let nine = times(&A).estimate();
        assert_eq!(nine.value, 0.997);
        assert_eq!(nine.interval, interval(0.989, 1.034, around_quartile(9).level));
        close(nine.interval.unwrap().level, 1.0 - 0.75f64.powi(9) - 0.25f64.powi(9));
        let twelve: Vec<f64> = (1..=12).rev().map(f64::from).collect();
        let twelve = times(&twelve).estimate();
        assert_eq!(
            (twelve.value, twelve.interval.map(|i| (i.low, i.high))),
            (3.0, Some((1.0, 7.0)))
        );
        let (four, five) = (times(&A[..4]), times(&B[..5]));
        assert_eq!(four.estimate().interval, None);
        assert!(five.estimate().interval.is_some());
        for (one, other) in [(&four, &five), (&five, &four)] {
            assert_eq!((one.ratio(other).interval, one.above(other).interval), (None, None));
        }
    }

    #[test]
    fn ratios_and_differences_are_bounded_by_precedence() {
        // With nine processes each, the ends are the first of one and the fifth of the other. B in
        // order: 1.089 1.093 1.097 1.102 1.106 1.108 1.115 1.121 1.131.
        let chance = precedence(9, 9).chance;
        let level = 1.0 - chance - chance;
        let ratio = times(&B).ratio(&times(&A));
        close(ratio.value, 1.097 / 0.997);
        assert_eq!(ratio.interval, interval(1.089 / 1.003, 1.106 / 0.989, level));
        let above = times(&B).above(&times(&A));
        close(above.value, 0.1);
        assert_eq!(above.interval, interval(1.089 - 1.003, 1.106 - 0.989, level));
        // If one cell has more processes, its place moves further: five and nine processes.
        let unlike = times(&B[..5]).ratio(&times(&A));
        let (low, high) = (precedence(9, 5), precedence(5, 9));
        assert_eq!(((low.lower, low.upper), (high.lower, high.upper)), ((7, 1), (4, 1)));
        assert_eq!(
            unlike.interval,
            interval(1.093 / 1.012, 1.121 / 0.989, 1.0 - low.chance - high.chance)
        );
    }

    #[test]
    fn a_resampled_cell_has_the_lower_quartile_of_what_was_drawn() {
        let twelve: Vec<f64> = (1..=12).map(f64::from).collect();
        let (times, mut rng, mut drawn) = (times(&twelve), Rng::with_seed(1), Vec::new());
        let values: Vec<f64> = (0..1000).map(|_| times.resampled(&mut rng, &mut drawn)).collect();
        // At least three of twelve draws are among the first three values with a probability of 61%,
        // and among the first two with 32%.
        let share = |most: f64| values.iter().filter(|&&value| value <= most).count();
        assert!((560..660).contains(&share(3.0)) && (270..370).contains(&share(2.0)));
    }

    #[test]
    fn what_ends_at_the_noise_floor_is_no_difference() {
        let ratio = |low, high| Estimate { value: 1.0, interval: interval(low, high, 0.95) };
        assert_eq!(Verdict::of(ratio(1.5, 2.0), Some(0.5)), Verdict::NoDifference);
        assert_eq!(Verdict::of(ratio(0.25, 0.5), Some(1.0)), Verdict::NoDifference);
    }

    #[test]
    fn a_difference_is_seen_only_beyond_the_noise_floor() {
        let slower = times(&B).ratio(&times(&A));
        let faster = times(&A).ratio(&times(&B));
        // The interval of the slower one begins at 1.0857.
        for (floor, slow, fast) in [
            (None, Verdict::Slower, Verdict::Faster),
            (Some(0.08), Verdict::Slower, Verdict::Faster),
            (Some(0.09), Verdict::NoDifference, Verdict::NoDifference),
        ] {
            assert_eq!(Verdict::of(slower, floor), slow);
            assert_eq!(Verdict::of(faster, floor), fast);
        }
        assert_eq!(Verdict::of(times(&A).ratio(&times(&A)), None), Verdict::NoDifference);
        let few = times(&[2.0; 4]).ratio(&times(&[1.0; 4]));
        assert_eq!(Verdict::of(few, None), Verdict::TooFewProcesses);
    }

    #[test]
    fn the_noise_floor_is_the_same_from_both_sides() {
        close(noise_floor(&times(&B), &times(&A)), 1.097 / 0.997 - 1.0);
        close(noise_floor(&times(&A), &times(&B)), 1.097 / 0.997 - 1.0);
        assert_eq!(noise_floor(&times(&A), &times(&A)), 0.0);
    }

    #[test]
    fn a_falling_function_turns_an_interval_around() {
        let time = Estimate { value: 2.0, interval: interval(1.0, 4.0, 0.9) };
        let rate = time.map(|time| 1.0 / time);
        assert_eq!(rate.value, 0.5);
        assert_eq!(rate.interval, interval(0.25, 1.0, 0.9));
    }
}
