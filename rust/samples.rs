//! The vocabulary: ranges of sample indices, generators, the split rule, the estimate.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// Samples in a block, the unit in which ranges are split.
pub const BLOCK: u64 = 65536;

/// A range of sample indices `[first, first + count)` that ends at 2^64 at the latest.
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

    /// How many blocks the range touches.
    pub fn blocks(self) -> u64 {
        self.first_block_and_blocks().1
    }

    /// The first block the range touches, and how many it touches.
    fn first_block_and_blocks(self) -> (u64, u64) {
        if self.count == 0 {
            return (self.first / BLOCK, 0);
        }
        let last = self.first + (self.count - 1);
        (self.first / BLOCK, last / BLOCK - self.first / BLOCK + 1)
    }

    /// Part `part` of `parts`: whole blocks, counted from index 0, clipped to the range.
    ///
    /// With B blocks touched it gets blocks ⌊B·part/parts⌋ up to ⌊B·(part+1)/parts⌋ of them, so
    /// the parts are disjoint, in order, make up the whole, and differ by at most one block. A
    /// part may be empty.
    ///
    /// # Panics
    /// Unless `part < parts`.
    pub fn part(self, part: u64, parts: u64) -> Self {
        assert!(part < parts, "part {part} of {parts}: parts are numbered from 0");
        let (first_block, blocks) = self.first_block_and_blocks();
        let cut = |p: u64| {
            let block =
                u128::from(first_block) + u128::from(blocks) * u128::from(p) / u128::from(parts);
            (block * u128::from(BLOCK)).clamp(u128::from(self.first), self.end())
        };
        Self::between(cut(part), cut(part + 1))
    }

    /// The range in two: at most `length` samples, ending at a multiple of [`BLOCK`] unless the
    /// whole range ends before, and what is left.
    ///
    /// # Panics
    /// Unless `length` is at least [`BLOCK`].
    pub fn split_at(self, length: u64) -> (Self, Self) {
        assert!(length >= BLOCK, "a piece of {length} samples: it takes a whole block, {BLOCK}");
        let from = u128::from(self.first);
        let block = u128::from(BLOCK);
        let end_of_blocks = (from + u128::from(length)) / block * block;
        let cut = end_of_blocks.min(self.end());
        (Self::between(from, cut), Self::between(cut, self.end()))
    }

    /// The range in consecutive spans of at most `length` samples, which only at the range's ends
    /// touch partial blocks.
    ///
    /// # Panics
    /// Unless `length` is at least [`BLOCK`].
    pub fn spans(self, length: u64) -> impl Iterator<Item = Self> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let span;
            (span, rest) = rest.split_at(length);
            (span.count > 0).then_some(span)
        })
    }

    /// `[from, to)`, both inside a range that was checked before. An empty range is `[0, 0)`,
    /// since 2^64, where it might lie, is no index.
    fn between(from: u128, to: u128) -> Self {
        if from == to {
            return Self { first: 0, count: 0 };
        }
        Self { first: from as u64, count: (to - from) as u64 }
    }
}

/// Where the points come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Generator {
    /// Philox4x32-10, counter-based; the default.
    Philox,
    /// The linear congruential generator of the NAS Parallel Benchmarks' EP.
    Npb,
    /// xoshiro256++ in blocks of 65536 samples.
    Xoshiro,
    /// Each language's own generator, as a textbook would use it. Statistical: the count depends
    /// on the language and on how the range is split.
    Textbook,
}

/// Samples after which the generator of NPB repeats its points: 2^43.
pub const NPB_PERIOD: u64 = 1 << 43;

impl Generator {
    /// All generators.
    pub const ALL: [Self; 4] = [Self::Philox, Self::Npb, Self::Xoshiro, Self::Textbook];

    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Philox => "philox",
            Self::Npb => "npb",
            Self::Xoshiro => "xoshiro",
            Self::Textbook => "textbook",
        }
    }

    /// What it is, in a line.
    pub fn description(self) -> &'static str {
        match self {
            Self::Philox => "Philox4x32-10, counter-based (the default)",
            Self::Npb => "the generator of NAS Parallel Benchmarks EP, with published counts",
            Self::Xoshiro => "xoshiro256++ in blocks of 65536 samples",
            Self::Textbook => {
                "each language's own generator; a statistical baseline, the count depends on the split"
            }
        }
    }

    /// Whether the count is the same integer in every language and for every split.
    pub fn is_exact(self) -> bool {
        self != Self::Textbook
    }

    /// The seed used where none is given.
    pub fn default_seed(self) -> u64 {
        match self {
            Self::Npb => 271_828_183,
            _ => 42,
        }
    }

    /// The rule that seeds obey, to follow "it must be".
    pub fn seed_rule(self) -> &'static str {
        match self {
            Self::Npb => "odd and below 2^46 = 70368744177664",
            _ => "a whole number from 0 to 18446744073709551615",
        }
    }

    /// A seed that obeys the rule, near to one that may not.
    pub(crate) fn nearest_seed(self, seed: u64) -> u64 {
        match self {
            Self::Npb => (seed & ((1 << 46) - 1)) | 1,
            _ => seed,
        }
    }

    /// Checks that the generator can start from `seed`.
    ///
    /// # Errors
    /// [`Error::Seed`] if it cannot: seeds of [`Npb`](Self::Npb) are odd and below 2^46, the
    /// others take any.
    pub fn check_seed(self, seed: u64) -> Result<()> {
        if self.nearest_seed(seed) == seed {
            Ok(())
        } else {
            Err(Error::Seed { generator: self, seed })
        }
    }

    /// Why the error bar of an estimate from `count` samples would not hold, if it would not.
    pub fn warning(self, count: u64) -> Option<String> {
        (self == Self::Npb && count > NPB_PERIOD).then(|| {
            format!(
                "{count} samples of npb repeat points (its period is 2^43 = {NPB_PERIOD} samples): \
                 the standard error and the interval do not hold; take fewer, or another generator"
            )
        })
    }
}

impl fmt::Display for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Generator {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|generator| generator.name() == name).ok_or_else(|| {
            Error::Unknown {
                what: "generator",
                name: name.to_owned(),
                valid: Self::ALL.iter().map(Self::to_string).collect(),
            }
        })
    }
}

/// What a number of hits says of pi.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// 4·hits/count.
    pub pi: f64,
    /// Standard error of `pi`: 4·√(p(1−p)/n), p the share of hits.
    pub standard_error: f64,
    /// Wilson's interval at 95%, lower and upper end.
    pub confidence_interval: [f64; 2],
}

/// The normal distribution's 97.5% quantile.
const Z: f64 = 1.959_963_984_540_054;

impl Estimate {
    /// The estimate from `hits` of `count` samples; none for no samples.
    ///
    /// The interval is Wilson's score interval (E. B. Wilson, "Probable inference, the law of
    /// succession, and statistical inference", 1927), which holds where the hits are few or all.
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
}

/// 0 if a point of `philox` or `xoshiro` falls inside the circle, else 1: the low 32 bits of x and y
/// are signed coordinates, and the point is a hit iff x² + y² < 2^62, in integers. The sum is at
/// most 2^63, so adding 2^62 carries every miss into the top bit.
#[inline(always)]
pub(crate) fn is_miss(x: u64, y: u64) -> u64 {
    let (x, y) = (i64::from(x as u32 as i32), i64::from(y as u32 as i32));
    ((x * x) as u64 + (y * y) as u64 + (1 << 62)) >> 63
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
    fn fewer_blocks_than_parts_leave_parts_empty() {
        let counts: Vec<_> = (0..3).map(|p| samples(0, 10).part(p, 3).count).collect();
        assert_eq!(counts, [0, 0, 10]);
    }

    #[test]
    fn seeds_of_npb_are_odd_and_below_2_to_the_46() {
        assert!(Generator::Npb.check_seed(1).is_ok());
        assert!(Generator::Npb.check_seed((1 << 46) - 1).is_ok());
        for seed in [0, 42, (1 << 46) + 1, u64::MAX] {
            assert!(Generator::Npb.check_seed(seed).is_err(), "{seed}");
        }
        assert!(Generator::Philox.check_seed(u64::MAX).is_ok());
    }

    #[test]
    fn points_on_and_near_the_circle() {
        let rows: [(i32, i32, u64); 10] = [
            (0, 0, 1),
            (i32::MAX, 0, 1),
            (i32::MIN, 0, 0),
            (i32::MIN, i32::MIN, 0),
            (2147483524, 729778, 1),
            (2146048718, 78491518, 1),
            (2147139758, 38430171, 1),
            (2147483647, 65536, 0),
            (2145017887, 102879944, 0),
            (2147479552, 4194302, 0),
        ];
        for (x, y, hit) in rows {
            let garbage = 0xDEAD_BEEF_0000_0000;
            for (x, y) in [(x, y), (y, x), (x, y.wrapping_neg()), (x.wrapping_neg(), y)] {
                let word = |c: i32| garbage | u64::from(c as u32);
                assert_eq!(1 - is_miss(word(x), word(y)), hit, "{x} {y}");
            }
        }
    }

    #[test]
    fn estimate_of_a_million() {
        let e = Estimate::new(785_987, 1_000_000).unwrap().unwrap();
        assert_eq!(e.pi, 3.143948);
        // Worked by hand in 50 digits: p = 0.785987, z as above.
        assert!((e.standard_error - 0.001_640_543_499_361_1).abs() < 1e-15);
        assert!((e.confidence_interval[0] - 3.140_728_202_587).abs() < 1e-12, "{e:?}");
        assert!((e.confidence_interval[1] - 3.147_159_008_589).abs() < 1e-12, "{e:?}");
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
