//! Ranges of sample indices and the rule for splitting them.

use crate::error::{Error, Result};

/// The number of samples in a block. Ranges are split at multiples of it.
pub const BLOCK: u64 = 65536;

/// A range of sample indices `[first, first + count)`, where `first + count` is at most 2^64.
///
/// ```
/// use libpi::Samples;
/// let all = Samples::new(0, 1_000_000)?;
/// let counts: Vec<u64> = (0..3).map(|part| all.part(part, 3).count()).collect();
/// assert_eq!(counts, [327_680, 327_680, 344_640]);
/// # Ok::<(), libpi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Samples {
    first: u64,
    count: u64,
}

impl Samples {
    /// The `count` samples from index `first` on.
    ///
    /// # Errors
    /// [`Error::Range`] if `first + count` exceeds 2^64.
    #[inline]
    pub fn new(first: u64, count: u64) -> Result<Self> {
        if u128::from(first) + u128::from(count) > 1 << 64 {
            return Err(Error::Range { first, count });
        }
        Ok(Self { first, count })
    }

    /// Index of the first sample.
    pub fn first(self) -> u64 {
        self.first
    }

    /// Number of samples.
    pub fn count(self) -> u64 {
        self.count
    }

    /// One past the last index, up to 2^64.
    fn end(self) -> u128 {
        u128::from(self.first) + u128::from(self.count)
    }

    /// The number of blocks that the range touches.
    pub fn blocks(self) -> u64 {
        self.touched(BLOCK).1
    }

    /// The first block of this length that the range touches, and the number of blocks that it
    /// touches. Blocks are counted from index 0.
    pub(crate) fn touched(self, length: u64) -> (u64, u64) {
        if self.count == 0 {
            return (self.first / length, 0);
        }
        let last = self.first + (self.count - 1);
        (self.first / length, last / length - self.first / length + 1)
    }

    /// The samples of the range in the blocks of this length from number `from` up to, but not
    /// including, number `to`.
    pub(crate) fn in_blocks(self, length: u64, from: u128, to: u128) -> Self {
        // No block number exceeds 2^64 and no length 2^63, so the product fits into 128 bits.
        let cut =
            |block: u128| (block * u128::from(length)).clamp(u128::from(self.first), self.end());
        Self::between(cut(from), cut(to))
    }

    /// Part `part` of `parts`: whole blocks, counted from index 0, clipped to the range.
    ///
    /// If the range touches B blocks, the part gets the touched blocks from number ⌊B·part/parts⌋
    /// up to, but not including, number ⌊B·(part+1)/parts⌋. So the parts are disjoint and in order,
    /// make up the whole range, and differ by at most one block. A part may be empty.
    ///
    /// # Panics
    /// If `part` is not below `parts`.
    pub fn part(self, part: u64, parts: u64) -> Self {
        assert!(part < parts, "part {part} of {parts}: parts are numbered from 0");
        let (first_block, blocks) = self.touched(BLOCK);
        let block = |p: u64| {
            u128::from(first_block) + u128::from(blocks) * u128::from(p) / u128::from(parts)
        };
        self.in_blocks(BLOCK, block(part), block(part + 1))
    }

    /// Splits the range in two: a piece of at most `length` samples, and the rest. The piece ends
    /// at a multiple of [`BLOCK`] unless it is the whole range.
    ///
    /// # Panics
    /// If `length` is below [`BLOCK`].
    pub fn split_at(self, length: u64) -> (Self, Self) {
        assert!(length >= BLOCK, "a piece of {length} samples: it must be at least {BLOCK}");
        let from = u128::from(self.first);
        let block = u128::from(BLOCK);
        let end_of_blocks = (from + u128::from(length)) / block * block;
        let cut = end_of_blocks.min(self.end());
        (Self::between(from, cut), Self::between(cut, self.end()))
    }

    /// The range without its first `count` samples: empty if it has no more.
    pub fn after(self, count: u64) -> Self {
        let from = u128::from(self.first) + u128::from(count.min(self.count));
        Self::between(from, self.end())
    }

    /// The range in consecutive spans of at most `length` samples. Only the ends of the range can
    /// be inside a block.
    ///
    /// # Panics
    /// If `length` is below [`BLOCK`].
    pub fn spans(self, length: u64) -> impl Iterator<Item = Self> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let span;
            (span, rest) = rest.split_at(length);
            (span.count > 0).then_some(span)
        })
    }

    /// The range `[from, to)` inside a range that was checked before. An empty range becomes
    /// `[0, 0)`, because `from` may be 2^64, which `first` cannot hold.
    fn between(from: u128, to: u128) -> Self {
        if from == to {
            return Self { first: 0, count: 0 };
        }
        Self { first: from as u64, count: (to - from) as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn samples(first: u64, count: u64) -> Samples {
        Samples::new(first, count).unwrap()
    }

    #[test]
    fn a_range_may_end_at_2_to_the_64_and_no_further() {
        assert!(Samples::new(u64::MAX, 1).is_ok());
        assert!(Samples::new(0, u64::MAX).is_ok());
        assert!(Samples::new(1, u64::MAX).is_ok());
        assert_eq!(Samples::new(u64::MAX, 2), Err(Error::Range { first: u64::MAX, count: 2 }));
        assert_eq!(Samples::new(2, u64::MAX), Err(Error::Range { first: 2, count: u64::MAX }));
    }

    #[test]
    fn the_range_error_names_the_most_that_would_do() {
        let message = Samples::new(u64::MAX - 9, 11).unwrap_err().to_string();
        assert!(message.contains("at most 10 from there"), "{message}");
    }

    #[test]
    fn parts_take_whole_blocks() {
        let cuts: Vec<_> = (0..4)
            .map(|p| samples(65530, 3 * BLOCK).part(p, 4))
            .map(|s| (s.first, s.count))
            .collect();
        let b = BLOCK;
        assert_eq!(cuts, [(65530, 6), (b, b), (2 * b, b), (3 * b, b - 6)]);
    }

    #[test]
    fn blocks_are_those_that_the_range_touches() {
        for (first, count, blocks) in [
            (0, 0, 0),
            (BLOCK - 1, 0, 0),
            (0, 1, 1),
            (0, BLOCK, 1),
            (0, BLOCK + 1, 2),
            (BLOCK - 1, 1, 1),
            (BLOCK - 1, 2, 2),
            (BLOCK - 1, BLOCK + 2, 3),
            (7 * BLOCK, 3 * BLOCK, 3),
            (0, u64::MAX, 1 << 48),
            (u64::MAX, 1, 1),
            (1, u64::MAX, 1 << 48),
        ] {
            assert_eq!(samples(first, count).blocks(), blocks, "{first} + {count}");
        }
    }

    #[test]
    fn a_piece_ends_with_a_block_or_with_the_range() {
        let cut = |first, count, length| {
            let (piece, rest) = samples(first, count).split_at(length);
            (piece.first, piece.count, rest.first, rest.count)
        };
        assert_eq!(cut(0, 10, BLOCK), (0, 10, 0, 0));
        assert_eq!(cut(0, 3 * BLOCK, BLOCK), (0, BLOCK, BLOCK, 2 * BLOCK));
        assert_eq!(cut(5, 3 * BLOCK, 2 * BLOCK - 6), (5, BLOCK - 5, BLOCK, 2 * BLOCK + 5));
        assert_eq!(cut(u64::MAX - 1, 2, BLOCK), (u64::MAX - 1, 2, 0, 0));
    }

    #[test]
    fn what_is_left_ends_where_the_range_ends() {
        let left = |first, count, done| {
            let rest = samples(first, count).after(done);
            (rest.first, rest.count)
        };
        assert_eq!(left(7, 10, 0), (7, 10));
        assert_eq!(left(7, 10, 3), (10, 7));
        assert_eq!([left(7, 10, 10), left(7, 10, 11)], [(0, 0); 2]);
        assert_eq!(left(u64::MAX - 4, 5, 4), (u64::MAX, 1));
        assert_eq!([left(u64::MAX, 1, 1), left(1, u64::MAX, u64::MAX)], [(0, 0); 2]);
    }

    #[test]
    #[should_panic(expected = "it must be at least 65536")]
    fn a_piece_shorter_than_a_block_is_refused() {
        let _ = samples(0, BLOCK).split_at(BLOCK - 1);
    }

    #[test]
    fn fewer_blocks_than_parts_leave_parts_empty() {
        let counts: Vec<_> = (0..3).map(|p| samples(0, 10).part(p, 3).count).collect();
        assert_eq!(counts, [0, 0, 10]);
    }

    proptest! {
        #[test]
        fn parts_are_consecutive_and_make_up_the_whole(
            first in any::<u64>(), length in any::<u64>(), shift in 0u32..64, parts in 1u64..2000,
        ) {
            let count = (length >> shift).min(first.wrapping_neg().wrapping_sub(1));
            let whole = samples(first, count);
            let mut at = u128::from(first);
            for part in (0..parts).map(|p| whole.part(p, parts)).filter(|s| s.count > 0) {
                prop_assert_eq!(u128::from(part.first), at);
                at = part.end();
                prop_assert!(at == whole.end() || at % u128::from(BLOCK) == 0);
            }
            prop_assert_eq!(at, whole.end());
        }

        #[test]
        fn spans_are_consecutive_and_make_up_the_whole(
            first in any::<u64>(), length in 0u64..100 * BLOCK, blocks in 1u64..40, extra in 0..BLOCK,
        ) {
            let whole = samples(first, length.min(first.wrapping_neg().wrapping_sub(1)));
            let longest = blocks * BLOCK + extra;
            let mut at = u128::from(first);
            for span in whole.spans(longest) {
                prop_assert_eq!(u128::from(span.first), at);
                prop_assert!(span.count > 0 && span.count <= longest);
                at = span.end();
                prop_assert!(at == whole.end() || at % u128::from(BLOCK) == 0);
            }
            prop_assert_eq!(at, whole.end());
        }
    }
}
