//! A cell of a suite: what is measured, and the hits that it must count.

use super::expected::Expected;
use crate::runner_table::Runner;
use libpi::CellName;

/// A cell to be measured.
#[derive(Debug, Clone)]
pub struct SuiteCell {
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

impl SuiteCell {
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
