//! The statistics of times: medians, and intervals bootstrapped over processes.
//!
//! What repeats independently is the process, not the run: runs of one process share where its
//! memory and its threads came to lie, so more of them make an interval narrower and no truer. Each
//! process is therefore one number, the median of its runs; a cell is the median of its processes;
//! and the bootstrap draws whole processes, the highest level that was repeated (Kalibera and Jones,
//! "Rigorous benchmarking in reasonable time", ISMM 2013; Hoefler and Belli, "Scientific
//! benchmarking of parallel computing systems", SC15). Intervals are percentiles of the resampled
//! medians (Efron, "Bootstrap methods: another look at the jackknife", 1979).
//!
//! Everything here is a time or a ratio of times. A rate is made from a median time at the end, and
//! rates are never averaged.

use fastrand::Rng;
use serde::Serialize;

/// Resamples for an interval. Its ends fall on the values of a few processes, so that more change
/// nothing that one could see.
const RESAMPLES: usize = 4000;

/// The share of resampled medians inside an interval.
const CONFIDENCE: f64 = 0.95;

/// Every interval starts from the same seed: it depends on its data alone, not on the order in
/// which cells are looked at.
const SEED: u64 = 42;

/// Distinct processor counts below which a law of scaling is not fitted: with its two parameters
/// three points leave one degree of freedom, too few to tell a law from chance.
pub(crate) const COUNTS_TO_FIT: usize = 4;

/// Processes of a cell below which its interval falls far short of 95%: the range of n values holds
/// the true median with probability 1 - 2^(1-n), which is 94% for five and 75% for three.
pub(crate) const ENOUGH_PROCESSES: usize = 5;

/// The range of values that the data do not contradict.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// A value and its interval; a single process gives none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) interval: Option<Interval>,
}

impl Estimate {
    /// The same under a monotone function, rising or falling.
    pub(crate) fn map(self, function: impl Fn(f64) -> f64) -> Self {
        let interval = self.interval.map(|Interval { low, high }| {
            let (one, other) = (function(low), function(high));
            Interval { low: one.min(other), high: one.max(other) }
        });
        Self { value: function(self.value), interval }
    }
}

/// The middle value, or the midpoint of the middle two; none of nothing.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    (!sorted.is_empty()).then(|| median_in(&mut sorted))
}

/// The median of values that may be put in another order, of which there is at least one.
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
pub(crate) struct Times {
    processes: Vec<f64>,
    runs: usize,
    min: f64,
}

impl Times {
    /// From the runs of each process; processes without any are passed over.
    pub(crate) fn of<'a>(processes: impl IntoIterator<Item = &'a [f64]>) -> Option<Self> {
        let mut times = Self { processes: Vec::new(), runs: 0, min: f64::INFINITY };
        for runs in processes {
            times.processes.extend(median(runs));
            times.runs += runs.len();
            times.min = runs.iter().copied().fold(times.min, f64::min);
        }
        (!times.processes.is_empty()).then_some(times)
    }

    /// How many processes there were.
    pub(crate) fn processes(&self) -> usize {
        self.processes.len()
    }

    /// How many runs there were in all processes.
    pub(crate) fn runs(&self) -> usize {
        self.runs
    }

    /// The shortest run.
    pub(crate) fn min(&self) -> f64 {
        self.min
    }

    /// The median of the processes' medians.
    pub(crate) fn median(&self) -> f64 {
        median_in(&mut self.processes.clone())
    }

    /// The median absolute deviation of the processes' medians, not scaled.
    pub(crate) fn mad(&self) -> f64 {
        let middle = self.median();
        let mut deviations: Vec<f64> = self.processes.iter().map(|p| (p - middle).abs()).collect();
        median_in(&mut deviations)
    }

    /// The median and its interval.
    pub(crate) fn estimate(&self) -> Estimate {
        let interval = bootstrap(&[self], |medians| Some(medians[0]));
        Estimate { value: self.median(), interval }
    }

    /// The shortest and the longest process: no resampled median lies outside.
    pub(crate) fn extremes(&self) -> (f64, f64) {
        let processes = self.processes.iter().copied();
        (processes.clone().fold(f64::INFINITY, f64::min), processes.fold(0.0, f64::max))
    }

    /// How many times as long this takes as the other.
    pub(crate) fn ratio(&self, other: &Self) -> Estimate {
        let interval = bootstrap(&[self, other], |medians| Some(medians[0] / medians[1]));
        Estimate { value: self.median() / other.median(), interval }
    }

    /// How much longer this takes than the other.
    pub(crate) fn above(&self, other: &Self) -> Estimate {
        let interval = bootstrap(&[self, other], |medians| Some(medians[0] - medians[1]));
        Estimate { value: self.median() - other.median(), interval }
    }
}

/// The interval of a statistic of several cells' medians; none where a cell has but one process.
fn bootstrap(cells: &[&Times], statistic: impl Fn(&[f64]) -> Option<f64>) -> Option<Interval> {
    if cells.iter().any(|cell| cell.processes.len() < 2) {
        return None;
    }
    let mut rng = Rng::with_seed(SEED);
    let mut drawn = Vec::new();
    let mut medians = vec![0.0; cells.len()];
    let mut values = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for (median, cell) in medians.iter_mut().zip(cells) {
            drawn.clear();
            drawn.extend(
                (0..cell.processes.len())
                    .map(|_| cell.processes[rng.usize(..cell.processes.len())]),
            );
            *median = median_in(&mut drawn);
        }
        values.extend(statistic(&medians));
    }
    values.sort_unstable_by(f64::total_cmp);
    let tail = ((1.0 - CONFIDENCE) / 2.0 * values.len() as f64) as usize;
    Some(Interval { low: *values.get(tail)?, high: *values.get(values.len() - 1 - tail)? })
}

/// What a comparison of two cells has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Faster,
    Slower,
    NoDifference,
    /// A cell of one process has no interval.
    TooFewProcesses,
}

impl Verdict {
    /// Of a ratio of times: a difference is seen if the whole interval lies beyond the noise floor,
    /// on one side; the floor is 0 if it is not known.
    pub(crate) fn of(ratio: Estimate, noise_floor: Option<f64>) -> Self {
        let noise_floor = noise_floor.unwrap_or(0.0);
        match ratio.interval {
            None => Self::TooFewProcesses,
            Some(Interval { low, .. }) if low > 1.0 + noise_floor => Self::Slower,
            Some(Interval { high, .. }) if high < 1.0 / (1.0 + noise_floor) => Self::Faster,
            Some(_) => Self::NoDifference,
        }
    }

    /// Whether a difference was seen.
    pub(crate) fn differs(self) -> bool {
        matches!(self, Self::Faster | Self::Slower)
    }
}

/// How far apart two measurements of one and the same cell are, relative to the smaller.
pub(crate) fn noise_floor(one: &Times, again: &Times) -> f64 {
    let ratio = one.median() / again.median();
    ratio.max(1.0 / ratio) - 1.0
}

/// The fraction of the work that behaves as if it were serial, from a speed-up on at least two
/// processors (Karp and Flatt, "Measuring parallel processor performance", CACM 33:5, 1990).
pub(crate) fn karp_flatt(speedup: f64, processors: f64) -> f64 {
    (1.0 / speedup - 1.0 / processors) / (1.0 - 1.0 / processors)
}

/// A law of scaling: which part of the time on one processor is serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Law {
    /// Fixed work: T(p) = a + b/p, serial fraction a/(a + b).
    Amdahl,
    /// Work that grows with p: its rate, in units of one processor's work, is p/T(p) = a + b·p, again
    /// with a/(a + b).
    Gustafson,
}

/// A law fitted to measured times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    law: Law,
    a: f64,
    b: f64,
    /// Its serial fraction; a little below 0 where the noise is larger.
    pub(crate) serial: Estimate,
}

impl Fit {
    /// The fit to pairs of processors and times per unit of work, if there are at least
    /// [`COUNTS_TO_FIT`] distinct processor counts.
    pub(crate) fn new(law: Law, points: &[(u32, &Times)]) -> Option<Self> {
        let mut counts: Vec<u32> = points.iter().map(|&(processors, _)| processors).collect();
        counts.sort_unstable();
        counts.dedup();
        if counts.len() < COUNTS_TO_FIT {
            return None;
        }
        let processors: Vec<f64> = points.iter().map(|&(count, _)| f64::from(count)).collect();
        let cells: Vec<&Times> = points.iter().map(|&(_, times)| times).collect();
        let medians: Vec<f64> = cells.iter().map(|times| times.median()).collect();
        let (a, b) = law.parameters(&processors, &medians)?;
        let interval = bootstrap(&cells, |medians| {
            let (a, b) = law.parameters(&processors, medians)?;
            Some(a / (a + b))
        });
        Some(Self { law, a, b, serial: Estimate { value: a / (a + b), interval } })
    }

    /// The rate that the law gives for a number of processors.
    pub(crate) fn rate(&self, processors: f64) -> f64 {
        match self.law {
            Law::Amdahl => 1.0 / (self.a + self.b / processors),
            Law::Gustafson => self.a + self.b * processors,
        }
    }
}

impl Law {
    /// Least squares of relative residuals: noise is a share of what is measured.
    fn parameters(self, processors: &[f64], times: &[f64]) -> Option<(f64, f64)> {
        let points = processors.iter().zip(times);
        match self {
            Self::Amdahl => line(points.map(|(&p, &time)| (1.0 / p, time))),
            Self::Gustafson => line(points.map(|(&p, &time)| (p, 1.0 / time))),
        }
    }
}

/// The line y = a + b·x with the least squares of residuals relative to y.
fn line(points: impl Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    let [mut w, mut wx, mut wxx, mut wy, mut wxy] = [0.0; 5];
    for (x, y) in points {
        let weight = 1.0 / (y * y);
        w += weight;
        wx += weight * x;
        wxx += weight * x * x;
        wy += weight * y;
        wxy += weight * x * y;
    }
    let determinant = w * wxx - wx * wx;
    let a = (wxx * wy - wx * wxy) / determinant;
    let b = (w * wxy - wx * wy) / determinant;
    (a.is_finite() && b.is_finite()).then_some((a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine processes of a made-up cell, and of one that is a tenth slower.
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
    fn a_cell_is_the_median_of_its_processes_not_of_its_runs() {
        // Pooled, the many runs of the last process would decide: their median is 9.
        let processes: [&[f64]; 4] = [&[1.0, 2.0, 3.0], &[], &[4.0, 2.0], &[9.0; 50]];
        let times = Times::of(processes).unwrap();
        assert_eq!(times.median(), 3.0);
        assert_eq!(times.min(), 1.0);
        assert_eq!(times.extremes(), (2.0, 9.0));
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

    // The values below are SciPy 1.17.1's, where a and b are A and B as arrays and
    // ci(x, f) = scipy.stats.bootstrap(x, f, n_resamples=99999, method="percentile",
    //                                   rng=1).confidence_interval
    // (95% is its default). The resampled medians take few values, so that both bootstraps end on
    // the very same ones.

    #[test]
    fn median_and_mad_are_scipys() {
        // numpy.median(a), scipy.stats.median_abs_deviation(a), then of a[:8]
        close(times(&A).median(), 1.003);
        close(times(&A).mad(), 0.009000000000000119);
        close(times(&A[..8]).median(), 1.005);
        close(times(&A[..8]).mad(), 0.009500000000000008);
    }

    #[test]
    fn intervals_of_medians_are_scipys() {
        // ci((a,), numpy.median), then of b, a[:6], a[:5]
        let interval = |processes: &[f64]| times(processes).estimate().interval.unwrap();
        assert_eq!(interval(&A), Interval { low: 0.993, high: 1.021 });
        assert_eq!(interval(&B), Interval { low: 1.093, high: 1.121 });
        assert_eq!(interval(&A[..6]), Interval { low: 0.991, high: 1.0274999999999999 });
        // Of five processes it is their range.
        assert_eq!(interval(&A[..5]), Interval { low: 0.993, high: 1.034 });
    }

    #[test]
    fn intervals_of_ratios_are_scipys() {
        // ci((b, a), lambda x, y, axis: numpy.median(x, axis) / numpy.median(y, axis)), then of b[:5],
        // a[:5]
        let ratio = times(&B).ratio(&times(&A));
        close(ratio.value, 1.1026919242273183);
        close(ratio.interval.unwrap().low, 1.0839920948616601);
        close(ratio.interval.unwrap().high, 1.1183550651955867);
        let ratio = times(&B[..5]).ratio(&times(&A[..5]));
        close(ratio.interval.unwrap().low, 1.0705190989226248);
        close(ratio.interval.unwrap().high, 1.1289023162134946);
    }

    #[test]
    fn fits_are_scipys() {
        // p, t, r: the arrays below; (a, b), _ = scipy.optimize.curve_fit(f, p, y, sigma=y), a/(a+b)
        // Amdahl: y = t, f = lambda p, a, b: a + b/p; Gustafson: y = r, f = lambda p, a, b: a + b*p
        let p = [1, 2, 3, 4, 6, 8];
        let t = [10.02, 5.31, 3.69, 2.88, 2.12, 1.71].map(|time| times(&[time]));
        let fit = Fit::new(Law::Amdahl, &Vec::from_iter(p.into_iter().zip(&t))).unwrap();
        assert!((fit.serial.value - 0.052102047995170694).abs() < 1e-7, "{fit:?}");
        assert!((1.0 / fit.rate(4.0) - (0.5228869 + 9.51293555 / 4.0)).abs() < 1e-6, "{fit:?}");
        let r = [1.0, 1.93, 2.88, 3.79, 5.61, 7.45].map(|rate| times(&[1.0 / rate]));
        let fit = Fit::new(Law::Gustafson, &Vec::from_iter(p.into_iter().zip(&r))).unwrap();
        assert!((fit.serial.value - 0.07621775000296489).abs() < 1e-7, "{fit:?}");
    }

    #[test]
    fn a_law_finds_its_own_fraction_and_no_law_is_fitted_to_three_counts() {
        let amdahl = |p: f64| 2.0 * (0.1 + 0.9 / p);
        let gustafson = |p: f64| 2.0 / (0.1 + 0.9 * p);
        for (law, time) in
            [(Law::Amdahl, &amdahl as &dyn Fn(f64) -> f64), (Law::Gustafson, &gustafson)]
        {
            let cells = [1, 2, 4, 8]
                .map(|p: u32| (p, times(&[0.99, 1.0, 1.01].map(|n| n * time(p.into())))));
            let points = cells.each_ref().map(|(p, times)| (*p, times));
            let fit = Fit::new(law, &points).unwrap();
            close(fit.serial.value, 0.1);
            let Interval { low, high } = fit.serial.interval.unwrap();
            assert!(0.08 < low && low < 0.1 && 0.1 < high && high < 0.12, "{low} {high}");
            // Four points, but three counts.
            assert!(Fit::new(law, &[points[0], points[1], points[2], points[2]]).is_none());
        }
    }

    #[test]
    fn karp_flatt_as_in_the_textbook() {
        // Quinn, "Parallel Programming in C with MPI and OpenMP", section 7.5: two programs of the
        // same speed-up on 8 processors, one with a serial part and one whose overhead grows. The
        // speed-ups have three digits there.
        let serial = [1.82, 2.50, 3.08, 3.57, 4.00, 4.38, 4.71];
        let overhead = [1.87, 2.61, 3.23, 3.73, 4.14, 4.46, 4.71];
        let expected = [0.070, 0.075, 0.080, 0.085, 0.090, 0.095, 0.100];
        for (p, ((serial, overhead), expected)) in
            (2..).zip(serial.into_iter().zip(overhead).zip(expected))
        {
            assert!((karp_flatt(serial, p.into()) - 0.1).abs() < 2e-3);
            assert!((karp_flatt(overhead, p.into()) - expected).abs() < 2e-3);
        }
        assert_eq!(karp_flatt(4.0, 4.0), 0.0);
    }

    #[test]
    fn a_difference_is_seen_only_beyond_the_noise_floor() {
        let slower = times(&B).ratio(&times(&A));
        let faster = times(&A).ratio(&times(&B));
        // The interval of the slower one begins at 1.084.
        for (floor, slow, fast) in [
            (None, Verdict::Slower, Verdict::Faster),
            (Some(0.08), Verdict::Slower, Verdict::Faster),
            (Some(0.09), Verdict::NoDifference, Verdict::NoDifference),
        ] {
            assert_eq!(Verdict::of(slower, floor), slow);
            assert_eq!(Verdict::of(faster, floor), fast);
        }
        assert_eq!(Verdict::of(times(&A).ratio(&times(&A)), None), Verdict::NoDifference);
        let single = times(&[2.0]).ratio(&times(&[1.0]));
        assert_eq!(Verdict::of(single, None), Verdict::TooFewProcesses);
    }

    #[test]
    fn the_noise_floor_is_the_same_from_both_sides() {
        close(noise_floor(&times(&B), &times(&A)), 0.1026919242273183);
        close(noise_floor(&times(&A), &times(&B)), 0.1026919242273183);
        assert_eq!(noise_floor(&times(&A), &times(&A)), 0.0);
    }

    #[test]
    fn a_falling_function_turns_an_interval_around() {
        let time = Estimate { value: 2.0, interval: Some(Interval { low: 1.0, high: 4.0 }) };
        let rate = time.map(|time| 1.0 / time);
        assert_eq!(rate.value, 0.5);
        assert_eq!(rate.interval, Some(Interval { low: 0.25, high: 1.0 }));
    }
}
