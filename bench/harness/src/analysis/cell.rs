//! A cell of a session: its name and its times, or why a block of it has none.

use crate::analysis::kind::Kind;
use crate::analysis::stats::Times;
use crate::number::size;
use crate::results::{Block, ErrorKind};
use libpi::CellName;

/// A cell that was measured without an error in any process or run.
#[derive(Debug)]
pub struct Cell {
    pub key: Key,
    /// One of its blocks, which stands for the properties that all of them share.
    pub block: Block,
    /// Seconds per sample or, for a crossing, per call.
    pub times: Times,
    /// The number of blocks during which other processes took too much of the CPUs.
    pub disturbed: usize,
}

impl Cell {
    pub fn kind(&self) -> Kind {
        Kind::of(&self.block.cell.generator)
    }

    /// The number of CPUs on which it ran, if each thread had its own.
    pub fn processors(&self) -> u32 {
        self.block.cell.ranks.saturating_mul(self.block.cell.threads)
    }
}

/// What tells cells apart: the name, the way of scaling and the batch size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    name: CellName,
    weak: bool,
    batch: Option<u64>,
}

impl Key {
    /// The cell's name.
    pub fn name(&self) -> &CellName {
        &self.name
    }

    /// The size of a batch, as it follows the name.
    pub fn size(&self) -> String {
        self.batch.map_or(String::new(), |batch| format!(" (batch {})", size(batch)))
    }

    /// The key of a block's cell.
    pub(crate) fn of(block: &Block) -> Self {
        Self { name: block.cell.clone(), weak: block.weak, batch: block.batch }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let weak = if self.weak { " (weak)" } else { "" };
        write!(f, "{}{weak}{}", self.name, self.size())
    }
}

/// A block without times.
#[derive(Debug)]
pub struct Failure {
    pub key: Key,
    pub process: u32,
    pub kind: ErrorKind,
    pub message: String,
}
