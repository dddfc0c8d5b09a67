//! Ranges in blocks of a length that the caller chooses. Threads never share a block.

use crate::error::{Error, Result};
use crate::samples::{BLOCK, Samples};

/// The longest block. Kernels with signed integers need counts below 2^63.
const LONGEST: u64 = (1 << 63) - 1;

/// The number of blocks in a call of the kernel if the caller leaves the length to libpi. A call of
/// 2^20 indices costs next to nothing, and is short enough to stop soon after a failure.
const DEFAULT_PER_CALL: u64 = (1 << 20) / BLOCK;

/// A range of indices in blocks, which are counted from index 0 and clipped to the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    samples: Samples,
    length: u64,
    is_given: bool,
}

impl Blocks {
    /// The range in blocks of `length` indices; 0 stands for [`BLOCK`].
    ///
    /// # Errors
    /// [`Error::Block`] if the length exceeds 2^63 − 1.
    pub fn new(samples: Samples, length: u64) -> Result<Self> {
        match length {
            0 => Ok(Self { samples, length: BLOCK, is_given: false }),
            1..=LONGEST => Ok(Self { samples, length, is_given: true }),
            _ => Err(Error::Block { block: length, most: LONGEST, default: BLOCK }),
        }
    }

    /// The whole range.
    pub fn samples(self) -> Samples {
        self.samples
    }

    /// The number of blocks that the range touches.
    pub fn count(self) -> u64 {
        self.samples.touched(self.length).1
    }

    /// Whether the caller chose the length. If so, a block is worth a thread.
    pub fn is_given(self) -> bool {
        self.is_given
    }

    /// The most blocks in a call of a kernel. A caller who chooses the length has costly indices,
    /// so a call then has a single block.
    pub(crate) fn per_call(self) -> u64 {
        if self.is_given { 1 } else { DEFAULT_PER_CALL }
    }

    /// The indices of the blocks from number `from` up to, but not including, number `to`. The
    /// first block that the range touches has number 0.
    pub(crate) fn slice(self, from: u64, to: u64) -> Samples {
        let (first, _) = self.samples.touched(self.length);
        let block = |number| u128::from(first) + u128::from(number);
        self.samples.in_blocks(self.length, block(from), block(to))
    }
}
