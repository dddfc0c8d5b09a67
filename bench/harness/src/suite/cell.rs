//! A cell of a suite: what is measured, and the hits that it must count.

use crate::runners::Runner;
use libpi::{CellName, Generator};

/// The hits that a run must count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// The hits of this generator among the samples.
    Generator(Generator),
    /// As many hits as samples.
    Count,
    /// This number.
    Hits(u64),
    /// A number near the expected one for pi.
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
    /// Why it cannot run here, if this is already known.
    pub missing: Option<String>,
}

impl Cell {
    pub fn workers(&self) -> u32 {
        self.name.ranks * self.name.threads
    }

    /// What tells cells apart. The same name may be measured with several batch sizes.
    pub fn key(&self) -> (CellName, Option<u64>, bool) {
        (self.name.clone(), self.batch, self.weak)
    }

    /// The count of this cell, if the group's count is `group`.
    pub fn count(&self, group: u64) -> u64 {
        if self.weak { group * u64::from(self.workers()) } else { group }
    }
}
