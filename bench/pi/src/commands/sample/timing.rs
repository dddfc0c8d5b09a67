//! The times of `pi sample`, of all ranks.

use super::count::Counted;
use crate::job::ranks::Ranks;
use crate::job::ranks::group::Group;
use serde::{Deserialize, Serialize};

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

/// The seconds of several ranks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) mean: f64,
    pub(super) max: f64,
}

impl Phases {
    /// The times of all ranks. `startup` is that from the start of the program to the first sample.
    pub(super) fn of(startup: f64, counted: &Counted, ranks: &Ranks) -> Self {
        let shortest = -counted.reduce.as_secs_f64();
        let [startup, shortest] = ranks.everyone().maxima([startup, shortest]);
        let compute = Spread::of(Some(counted.compute.as_secs_f64()), ranks.everyone());
        Self { startup, compute, reduce: -shortest }
    }

    /// How much longer the slowest rank counted than the mean.
    pub(super) fn imbalance(&self) -> f64 {
        let Spread { mean, max, .. } = self.compute;
        if mean > 0.0 { (max / mean - 1.0).max(0.0) } else { 0.0 }
    }
}

impl Spread {
    /// The seconds of the members of a group that have some, which at least one has.
    pub(super) fn of(mine: Option<f64>, group: Group) -> Self {
        let highest = |number: Option<f64>| number.unwrap_or(f64::NEG_INFINITY);
        let [max, min] = group.maxima([highest(mine), highest(mine.map(|seconds| -seconds))]);
        let [total, number] =
            group.sums([mine.unwrap_or(0.0), f64::from(u8::from(mine.is_some()))]);
        Self { min: -min, mean: total / number, max }
    }
}
