//! A cell of a suite: what is measured, and what it must count.

use crate::runners::Runner;
use libpi::{CellName, Generator};

/// What a run must count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// What this generator counts among the samples.
    Generator(Generator),
    /// As many hits as samples.
    Count,
    /// This number.
    Hits(u64),
    /// Nothing exact: a number of hits near pi.
    NearPi,
}

/// A cell to be measured.
#[derive(Debug, Clone)]
pub struct Cell {
    pub name: CellName,
    pub runner: Runner,
    pub group: usize,
    pub seed: u64,
    pub weak: bool,
    pub batch: Option<u64>,
    pub more: Vec<(String, String)>,
    pub expected: Expected,
    /// Why it cannot run here, if that is known already.
    pub missing: Option<String>,
}

impl Cell {
    pub fn workers(&self) -> u32 {
        self.name.ranks * self.name.threads
    }

    /// What tells it apart from all others: the same cell may be measured in several sizes.
    pub fn key(&self) -> (CellName, Option<u64>, bool) {
        (self.name.clone(), self.batch, self.weak)
    }

    /// Its count, where the group's is this.
    pub fn count(&self, group: u64) -> u64 {
        if self.weak { group * u64::from(self.workers()) } else { group }
    }
}
