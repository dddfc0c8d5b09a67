//! The times of `pi sample`, of all ranks.

use super::count::Counted;
use crate::job::ranks::Ranks;
use serde::Serialize;

/// The seconds of each rank, by rank.
pub(super) struct Times {
    startup: Vec<f64>,
    compute: Vec<f64>,
    reduce: Vec<f64>,
}

/// The seconds of each phase, by each rank's own clock.
#[derive(Debug, Serialize)]
pub(super) struct Phases {
    /// From the start of the program to the first sample, including the start of MPI: the longest of all
    /// ranks.
    pub(super) startup: f64,
    pub(super) compute: Spread,
    /// Adding up over the ranks: the shortest of all ranks, which waited least for others.
    pub(super) reduce: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
}

impl Times {
    /// The times of all ranks. `startup` is that from the start of the program to the first sample.
    pub(super) fn of(startup: f64, counted: &Counted, ranks: &Ranks) -> Self {
        let own = (startup, counted.compute.as_secs_f64(), counted.reduce.as_secs_f64());
        let all = ranks.all(own);
        Self {
            startup: all.iter().map(|seconds| seconds.0).collect(),
            compute: all.iter().map(|seconds| seconds.1).collect(),
            reduce: all.iter().map(|seconds| seconds.2).collect(),
        }
    }

    pub(super) fn phases(&self) -> Phases {
        Phases {
            startup: self.startup.iter().copied().fold(0.0, f64::max),
            compute: Spread::of(&self.compute),
            reduce: self.reduce.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }

    /// How much longer the slowest rank counted than the mean.
    pub(super) fn imbalance(&self) -> f64 {
        let mean = self.compute.iter().sum::<f64>() / self.compute.len() as f64;
        if mean > 0.0 { Spread::of(&self.compute).max / mean - 1.0 } else { 0.0 }
    }
}

impl Spread {
    pub(super) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        Self { min, median: f64::midpoint(low, high), max }
    }
}
