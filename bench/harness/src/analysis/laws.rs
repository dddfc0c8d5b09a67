//! Laws of scaling, fitted to the times of cells; the serial fraction of a speed-up.

use crate::analysis::order::LEVEL;
use crate::analysis::stats::{Estimate, Interval, Times};
use fastrand::Rng;

/// The number of resamples for the interval of a fit. Few processes decide the ends of the interval, so
/// more resamples change nothing visible.
const RESAMPLES: usize = 4000;

/// The seed of every fit. So the interval depends only on the data, not on the order in which series
/// are fitted.
const SEED: u64 = 42;

/// The smallest number of different processor counts to which a law is fitted. A law has two
/// parameters, so three points would leave one degree of freedom, too few to tell a law from chance.
pub const COUNTS_TO_FIT: usize = 4;

/// The fraction of the work that behaves as if it were serial, computed from a speed-up on at least two
/// processors (Karp and Flatt, "Measuring parallel processor performance", CACM 33:5, 1990).
pub fn karp_flatt(speedup: f64, processors: f64) -> f64 {
    (1.0 / speedup - 1.0 / processors) / (1.0 - 1.0 / processors)
}

/// A law of scaling. Its serial fraction is the serial part of the time on one processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Fixed work: T(p) = a + b/p, serial fraction a/(a + b).
    Amdahl,
    /// Work that grows with p: the rate, in units of one processor's work, is p/T(p) = a + b·p, serial
    /// fraction a/(a + b).
    Gustafson,
}

/// A law fitted to measured times.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    law: Law,
    a: f64,
    b: f64,
    /// The serial fraction. It may be a little below 0 because of noise.
    pub serial: Estimate,
}

impl Fit {
    /// Fits a law to pairs of a processor count and times per unit of work. Returns nothing if there are
    /// fewer than [`COUNTS_TO_FIT`] different processor counts.
    pub fn new(law: Law, points: &[(u32, &Times)]) -> Option<Self> {
        let mut counts: Vec<u32> = points.iter().map(|&(processors, _)| processors).collect();
        counts.sort_unstable();
        counts.dedup();
        if counts.len() < COUNTS_TO_FIT {
            return None;
        }
        let processors: Vec<f64> = points.iter().map(|&(count, _)| f64::from(count)).collect();
        let cells: Vec<&Times> = points.iter().map(|&(_, times)| times).collect();
        let values: Vec<f64> = cells.iter().map(|times| times.value()).collect();
        let (a, b) = law.parameters(&processors, &values)?;
        let interval = bootstrap(&cells, |values| {
            let (a, b) = law.parameters(&processors, values)?;
            Some(a / (a + b))
        });
        Some(Self { law, a, b, serial: Estimate { value: a / (a + b), interval } })
    }

    /// The rate that the law predicts for a number of processors.
    pub fn rate(&self, processors: f64) -> f64 {
        match self.law {
            Law::Amdahl => 1.0 / (self.a + self.b / processors),
            Law::Gustafson => self.a + self.b * processors,
        }
    }
}

impl Law {
    /// Minimises the squares of relative residuals, because noise is proportional to the time.
    fn parameters(self, processors: &[f64], times: &[f64]) -> Option<(f64, f64)> {
        let points = processors.iter().zip(times);
        match self {
            Self::Amdahl => line(points.map(|(&p, &time)| (1.0 / p, time))),
            Self::Gustafson => line(points.map(|(&p, &time)| (p, 1.0 / time))),
        }
    }
}

/// The line y = a + b·x that minimises the squares of the residuals relative to y.
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
    (a + b).is_finite().then_some((a, b))
}

/// The percentile interval of a statistic of several cells' times, from resampled processes (Efron,
/// "Bootstrap methods: another look at the jackknife", 1979). Returns nothing if a cell has too few
/// processes.
fn bootstrap(cells: &[&Times], statistic: impl Fn(&[f64]) -> Option<f64>) -> Option<Interval> {
    if !cells.iter().all(|cell| cell.is_enough()) {
        return None;
    }
    let mut rng = Rng::with_seed(SEED);
    let mut drawn = Vec::new();
    let mut times = vec![0.0; cells.len()];
    let mut values = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for (time, cell) in times.iter_mut().zip(cells) {
            *time = cell.resampled(&mut rng, &mut drawn);
        }
        values.extend(statistic(&times));
    }
    values.sort_unstable_by(f64::total_cmp);
    let tail = ((1.0 - LEVEL) / 2.0 * values.len() as f64) as usize;
    let (low, high) = (*values.get(tail)?, *values.get(values.len() - 1 - tail)?);
    Some(Interval { low, high, level: LEVEL })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(processes: &[f64]) -> Times {
        Times::of(processes.chunks(1)).unwrap()
    }

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-12 * expected.abs(), "{value} for {expected}");
    }

    #[test]
    fn an_interval_leaves_out_as_many_resamples_on_each_side() {
        let numbers = std::cell::Cell::new(0.0);
        let next = |_: &[f64]| Some(numbers.replace(numbers.get() + 1.0));
        let Interval { low, high, level } = bootstrap(&[&times(&[1.0; 5])], next).unwrap();
        assert_eq!((low, high, level), (100.0, 3899.0, LEVEL), "of 0 to 3999");
        assert_eq!(bootstrap(&[&times(&[1.0; 4])], |_| Some(1.0)), None);
    }

    // SciPy 1.17.1 computed the expected fits.

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
            let cells = [1, 2, 4, 8].map(|p: u32| {
                (p, times(&[0.99, 1.0, 1.0, 1.005, 1.01].map(|n| n * time(p.into()))))
            });
            let points = cells.each_ref().map(|(p, times)| (*p, times));
            let fit = Fit::new(law, &points).unwrap();
            close(fit.serial.value, 0.1);
            close(fit.rate(4.0) * time(4.0), 1.0);
            let Interval { low, high, .. } = fit.serial.interval.unwrap();
            assert!(0.08 < low && low < 0.1 && 0.1 < high && high < 0.12, "{low} {high}");
            // Four points, but three counts.
            assert!(Fit::new(law, &[points[0], points[1], points[2], points[2]]).is_none());
        }
    }

    #[test]
    fn karp_flatt_as_in_the_textbook() {
        // Quinn, "Parallel Programming in C with MPI and OpenMP", section 7.5: two programs with the
        // same speed-up on 8 processors. One has a serial part, the other has growing overhead. The
        // book gives the speed-ups with three digits.
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
}
