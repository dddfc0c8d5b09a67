//! The times of `pi sample`, of all ranks.

use super::assignment::Assignment;
use super::count::count;
use crate::job::ranks::Ranks;
use crate::job::workers::Workers;
use libpi::Samples;
use serde::Serialize;
use std::time::Instant;

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
    /// Adding up over the ranks: the shortest of all ranks, which did not wait for others.
    pub(super) reduce: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
}

/// The hits of all ranks, and how long they took since the `start` of the program.
pub(super) fn timed(
    assignment: &Assignment,
    workers: &Workers,
    part: Samples,
    ranks: &Ranks,
    start: Instant,
) -> anyhow::Result<(u64, Times)> {
    ranks.wait();
    let startup = start.elapsed().as_secs_f64();
    let (own_hits, compute) = ranks.lone(count(workers, assignment, part, ranks))?;
    let counting_done = Instant::now();
    let hits = ranks.sum(own_hits);
    let reduce = counting_done.elapsed().as_secs_f64();
    let all = ranks.all((startup, compute, reduce));
    let times = Times {
        startup: all.iter().map(|seconds| seconds.0).collect(),
        compute: all.iter().map(|seconds| seconds.1).collect(),
        reduce: all.iter().map(|seconds| seconds.2).collect(),
    };
    Ok((hits, times))
}

impl Times {
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
