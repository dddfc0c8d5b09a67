//! The estimate of pi, its standard error and its confidence interval.

use crate::error::{Error, Result};
use std::f64::consts::PI;

/// The estimate of pi from a number of hits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// 4·hits/count.
    pub pi: f64,
    /// Standard error of `pi`: 4·√(p(1−p)/n), where p is the share of hits.
    pub standard_error: f64,
    /// Wilson's 95% confidence interval: its lower and its upper end.
    pub confidence_interval: [f64; 2],
}

/// The variance of one sample's estimate of pi, which is 4 or 0: 16·p(1−p) with p = π/4.
/// This is (4−π)π.
const VARIANCE: f64 = (4.0 - PI) * PI;

/// The normal distribution's 97.5% quantile.
const Z: f64 = 1.959_963_984_540_054;

impl Estimate {
    /// The estimate from `hits` hits among `count` samples; none if there are no samples.
    ///
    /// The interval is Wilson's score interval (E. B. Wilson, "Probable inference, the law of
    /// succession, and statistical inference", 1927), which holds even if few or all samples hit.
    ///
    /// # Errors
    /// [`Error::Hits`] if there are more hits than samples.
    pub fn new(hits: u64, count: u64) -> Result<Option<Self>> {
        if hits > count {
            return Err(Error::Hits { hits, count });
        }
        if count == 0 {
            return Ok(None);
        }
        let n = count as f64;
        let p = hits as f64 / n;
        let variance = p * (1.0 - p) / n;
        let center = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (variance + Z * Z / (4.0 * n * n)).sqrt();
        Ok(Some(Self {
            pi: 4.0 * p,
            standard_error: 4.0 * variance.sqrt(),
            confidence_interval: [center - half, center + half]
                .map(|end| 4.0 * end.clamp(0.0, 1.0)),
        }))
    }

    /// The number of samples whose standard error is expected to be this: ⌈16·p(1−p)/error²⌉ with
    /// p = π/4, and at least 1. It may be beyond the largest count.
    pub fn samples_for(standard_error: f64) -> f64 {
        (VARIANCE / standard_error / standard_error).ceil().max(1.0)
    }

    /// The standard error that is expected of so many samples.
    pub fn expected_error(count: u64) -> f64 {
        (VARIANCE / count as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimate_of_a_million() {
        let e = Estimate::new(785_987, 1_000_000).unwrap().unwrap();
        assert_eq!(e.pi, 3.143948);
        // Calculated by hand with 50 digits: p = 0.785987, z as above.
        assert!((e.standard_error - 0.001_640_543_499_361_1).abs() < 1e-15);
        assert!((e.confidence_interval[0] - 3.140_728_202_587).abs() < 1e-12, "{e:?}");
        assert!((e.confidence_interval[1] - 3.147_159_008_589).abs() < 1e-12, "{e:?}");
    }

    #[test]
    fn a_standard_error_needs_so_many_samples() {
        // (4 − π)π = 2.69676621326981433…, calculated with 40 digits.
        for (error, samples) in
            [(1e-3, 2_696_767.0), (1e-6, 2_696_766_213_270.0), (1.7, 1.0), (1e300, 1.0)]
        {
            assert_eq!(Estimate::samples_for(error), samples, "{error}");
        }
        assert_eq!(Estimate::samples_for(1e-300), f64::INFINITY);
        let best = Estimate::expected_error(u64::MAX);
        assert!((best - 3.823_506_105e-10).abs() < 1e-19, "{best}");
        let ratio = Estimate::samples_for(best) / 2f64.powi(64);
        assert!((ratio - 1.0).abs() < 1e-15, "{ratio}");
    }

    #[test]
    fn estimate_at_the_edges() {
        assert_eq!(Estimate::new(0, 0), Ok(None));
        assert_eq!(Estimate::new(2, 1), Err(Error::Hits { hits: 2, count: 1 }));
        let none = Estimate::new(0, 10).unwrap().unwrap();
        assert_eq!((none.pi, none.confidence_interval[0]), (0.0, 0.0));
        let all = Estimate::new(10, 10).unwrap().unwrap();
        assert_eq!(all.pi, 4.0);
        assert!((4.0 - all.confidence_interval[1]).abs() < 1e-14, "{all:?}");
        let most = Estimate::new(u64::MAX, u64::MAX).unwrap().unwrap();
        assert_eq!(most.pi, 4.0);
    }
}
