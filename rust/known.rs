//! Known counts, with which every kernel is checked.
//!
//! The counts of the first 2^24 to 2^44 samples of `npb` were published with the NAS Parallel
//! Benchmarks (EP, classes S, W, A, B, C, D, E, F: the sum of the counts that EP verifies).
//! Programs that share no code with the kernels computed the other counts.

use crate::generator::Generator;
use crate::samples::Samples;

/// The known number of hits among `count` samples from index `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCount {
    /// The generator.
    pub generator: Generator,
    /// The seed.
    pub seed: u64,
    /// Index of the first sample.
    pub first: u64,
    /// Number of samples.
    pub count: u64,
    /// Number of hits.
    pub hits: u64,
}

impl KnownCount {
    /// The range of samples.
    pub fn samples(&self) -> Samples {
        Samples::new(self.first, self.count).expect("known ranges are valid")
    }

    /// The known counts of a generator that count at most so many samples.
    pub fn up_to(most: u64, generator: Generator) -> impl Iterator<Item = Self> {
        let is_wanted = move |known: &&Self| known.generator == generator && known.count <= most;
        COUNTS.iter().filter(is_wanted).copied()
    }

    /// The known count of a generator's first 2^24 samples from its default seed. That is long
    /// enough to time.
    ///
    /// # Panics
    /// If the generator is not exact, or is a problem of the user's own.
    pub fn to_time(generator: Generator) -> Self {
        let wanted = |known: &&Self| {
            known.generator == generator
                && (known.seed, known.first) == (generator.default_seed(), 0)
                && known.count == 1 << 24
        };
        *COUNTS.iter().find(wanted).expect("there is one for each exact generator of libpi")
    }
}

const fn known(generator: Generator, seed: u64, first: u64, count: u64, hits: u64) -> KnownCount {
    KnownCount { generator, seed, first, count, hits }
}

use Generator::{Npb, Philox, Xoshiro};

/// The known counts.
#[rustfmt::skip]
pub const COUNTS: &[KnownCount] = &[
    known(Philox, 42, 0, 1_000_000, 785_987),
    known(Philox, 42, 0, 10_000_000, 7_855_825),
    known(Philox, 42, 0, 1 << 24, 13_177_331),
    known(Philox, 42, 0, 100_000_000, 78_544_189),
    known(Philox, 0, 0, 10_000_000, 7_854_924),
    known(Philox, u64::MAX, 0, 1 << 24, 13_177_369),
    known(Philox, 42, 999_999, 1_000_001, 785_622),
    known(Philox, 42, (1 << 33) - 1, 3, 2),
    known(Philox, 42, (1 << 34) - 1, 1_000_000, 785_333),
    known(Philox, 42, (1 << 63) - 500_001, 1_000_003, 785_207),
    known(Philox, 42, 18_446_744_073_708_773_839, 777_777, 610_569),
    known(Philox, 1 << 32, 7, 10_007, 7_843),
    known(Philox, 0x0123_4567_89AB_CDEF, (1 << 33) - 40_001, 80_003, 62_714),
    known(Philox, 42, (1 << 33) - 71, 141, 101),
    known(Philox, 42, (1 << 33) - 6, 13, 8),
    known(Philox, 42, 5, 1, 1),
    known(Philox, 42, u64::MAX - 2, 3, 1),
    known(Npb, 271_828_183, 0, 1_000_000, 785_382),
    known(Npb, 271_828_183, 65_535, 1_000_003, 785_678),
    known(Npb, 271_828_183, 1 << 24, 1 << 24, 13_178_380),
    known(Npb, 271_828_183, (1 << 63) - 500_001, 1_000_003, 784_154),
    known(Npb, 271_828_183, 18_446_744_073_708_551_613, 1_000_003, 784_199),
    known(Npb, (1 << 46) - 1, 3, 10_007, 7_843),
    known(Npb, (1 << 45) + 1, 0, 24_577, 19_293),
    known(Npb, 271_828_183, 1_003, 13, 9),
    known(Npb, 271_828_183, 5, 1, 1),
    known(Npb, 271_828_183, 0, 1 << 24, 13_176_389),
    known(Npb, 271_828_183, 0, 1 << 25, 26_354_769),
    known(Npb, 271_828_183, 0, 1 << 28, 210_832_767),
    known(Npb, 271_828_183, 0, 1 << 30, 843_345_606),
    known(Npb, 271_828_183, 0, 1 << 32, 3_373_275_903),
    known(Npb, 271_828_183, 0, 1 << 36, 53_972_171_957),
    known(Npb, 271_828_183, 0, 1 << 40, 863_554_308_186),
    known(Npb, 271_828_183, 0, 1 << 44, 13_816_870_608_324),
    known(Xoshiro, 42, 0, 1_000_000, 785_360),
    known(Xoshiro, 42, 0, 10_000_000, 7_853_942),
    known(Xoshiro, 42, 0, 1 << 24, 13_176_526),
    known(Xoshiro, 42, 65_530, 12, 6),
    known(Xoshiro, 42, 100_000, 1_000_000, 785_378),
    known(Xoshiro, 42, (1 << 63) - 500_001, 1_000_003, 785_692),
    known(Xoshiro, 42, 18_446_744_073_708_773_839, 777_777, 610_870),
    known(Xoshiro, u64::MAX, 0, 1_000_000, 784_641),
    known(Xoshiro, (1 << 63) + 1, 65_535, 131_074, 102_785),
    known(Xoshiro, 1 << 32, 3, 1, 1),
    known(Xoshiro, 42, u64::MAX, 1, 1),
];

/// Whether the estimate from a statistical kernel's count is within five standard deviations of pi:
/// |4·hits/count − pi| ≤ 5·1.6422/√count, where 1.6422 is the standard deviation of 4·(one sample).
pub fn is_plausible(hits: u64, count: u64) -> bool {
    let pi = 4.0 * hits as f64 / count as f64;
    (pi - std::f64::consts::PI).abs() <= 5.0 * 1.6422 / (count as f64).sqrt()
}
