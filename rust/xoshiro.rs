//! xoshiro256++ in blocks of 65536 samples, made by 16 interleaved lanes that SplitMix64 seeds.
//!
//! Sources: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47,
//! 2021; G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
//! OOPSLA 2014. Lane l of block b starts from the outputs 64b + 4l + 0..3 of SplitMix64. Sample
//! 65536·b + t is output ⌊t/16⌋ of lane t mod 16; its low 32 bits are x and its high 32 bits are y.

use crate::hit_test::{ONLY_UNSIGNED, is_miss};
use crate::level::kernel_at_levels;
use crate::samples::BLOCK;
use crate::splitmix::splitmix64;

/// The number of lanes in a block.
pub(crate) const LANES: usize = 16;

/// The number of outputs of each lane in a block.
pub(crate) const ROWS: u64 = BLOCK / LANES as u64;

/// The lanes that run together at the base level. LLVM makes the unsigned products in the loop over
/// lanes only if the loop is long.
const AT_BASE: usize = if ONLY_UNSIGNED { LANES } else { 4 };

kernel_at_levels!(plain::<AT_BASE, ONLY_UNSIGNED>, plain::<16, false>, plain::<16, false>);

#[inline(always)]
fn plain<const L: usize, const UNSIGNED: bool>(seed: u64, first: u64, count: u64) -> u64 {
    hits(Plain::<L, UNSIGNED>, seed, first, count)
}

/// How to count the hits in a whole block.
pub(crate) trait CountBlock: Copy {
    fn hits(self, seed: u64, block: u64) -> u64;
}

/// Counts the hits among `count` samples from index `first` on.
#[inline(always)]
pub(crate) fn hits<C: CountBlock>(counter: C, seed: u64, first: u64, count: u64) -> u64 {
    let mut hits = 0;
    let mut block = first / BLOCK;
    let mut from = first % BLOCK;
    let mut left = count;
    while left > 0 {
        let samples = left.min(BLOCK - from);
        if samples == BLOCK {
            hits += counter.hits(seed, block);
        } else {
            hits += part_block_hits(seed, block, from, from + samples);
        }
        block += 1;
        from = 0;
        left -= samples;
    }
    hits
}

/// Counts `L` lanes at a time, in a loop that the compiler vectorises. `L` divides 16. `UNSIGNED`
/// makes the hit test use unsigned products.
#[derive(Clone, Copy)]
pub(crate) struct Plain<const L: usize, const UNSIGNED: bool>;

impl<const L: usize, const UNSIGNED: bool> CountBlock for Plain<L, UNSIGNED> {
    #[inline(always)]
    fn hits(self, seed: u64, block: u64) -> u64 {
        let mut hits = 0;
        for lane in (0..LANES).step_by(L) {
            hits += lane_hits::<L, UNSIGNED>(seed, block, lane);
        }
        hits
    }
}

/// Counts the hits of `L` lanes in a whole block.
#[inline(always)]
fn lane_hits<const L: usize, const UNSIGNED: bool>(
    seed: u64,
    block: u64,
    first_lane: usize,
) -> u64 {
    let mut lanes = Lanes::<L>::new(seed, block, first_lane);
    let mut misses = [0u64; L];
    for _ in 0..ROWS {
        for l in 0..L {
            misses[l] += is_point_miss::<UNSIGNED>(lanes.next(l));
        }
    }
    ROWS * L as u64 - misses.iter().sum::<u64>()
}

/// Counts the hits of the samples `from..to` of a block. The samples before `from` are made and
/// discarded.
#[inline(never)]
fn part_block_hits(seed: u64, block: u64, from: u64, to: u64) -> u64 {
    let mut lanes = Lanes::<LANES>::new(seed, block, 0);
    let mut hits = to - from;
    for row in (0..to).step_by(LANES) {
        for l in 0..LANES {
            let miss = is_point_miss::<false>(lanes.next(l));
            hits -= if (from..to).contains(&(row + l as u64)) { miss } else { 0 };
        }
    }
    hits
}

#[inline(always)]
fn is_point_miss<const UNSIGNED: bool>(output: u64) -> u64 {
    is_miss::<UNSIGNED>(output, output >> 32)
}

/// The states of `L` lanes, with one array for each of the four state words.
pub(crate) struct Lanes<const L: usize> {
    pub(crate) s0: [u64; L],
    pub(crate) s1: [u64; L],
    pub(crate) s2: [u64; L],
    pub(crate) s3: [u64; L],
}

impl<const L: usize> Lanes<L> {
    #[inline(always)]
    pub(crate) fn new(seed: u64, block: u64, first_lane: usize) -> Self {
        let word = |j: usize| {
            std::array::from_fn(|l| {
                splitmix64(seed, block.wrapping_mul(64) + (4 * (first_lane + l) + j) as u64)
            })
        };
        Self { s0: word(0), s1: word(1), s2: word(2), s3: word(3) }
    }

    /// The next output of lane `l`.
    #[inline(always)]
    fn next(&mut self, l: usize) -> u64 {
        let output = self.s0[l].wrapping_add(self.s3[l]).rotate_left(23).wrapping_add(self.s0[l]);
        let shifted = self.s1[l] << 17;
        self.s2[l] ^= self.s0[l];
        self.s3[l] ^= self.s1[l];
        self.s1[l] ^= self.s2[l];
        self.s0[l] ^= self.s3[l];
        self.s2[l] ^= shifted;
        self.s3[l] = self.s3[l].rotate_left(45);
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::{Rng, SeedableRng};

    #[test]
    fn first_states_and_outputs_of_seed_42() {
        let mut lanes = Lanes::<LANES>::new(42, 0, 0);
        assert_eq!(
            [lanes.s0[0], lanes.s1[0], lanes.s2[0], lanes.s3[0]],
            [0xbdd732262feb6e95, 0x28efe333b266f103, 0x47526757130f9f52, 0x581ce1ff0e4ae394]
        );
        assert_eq!([lanes.next(0), lanes.next(0)], [0xd0764d4f4476689f, 0x519e4174576f3791]);
        assert_eq!([lanes.next(1), lanes.next(1)], [0x2e1dcb83efb37d39, 0x6d71c9045053a89f]);
    }

    #[test]
    fn lane_0_is_the_generator_of_rand_xoshiro() {
        let mut lanes = Lanes::<LANES>::new(7, 0, 0);
        let mut rand = Xoshiro256PlusPlus::seed_from_u64(7);
        for _ in 0..1000 {
            assert_eq!(lanes.next(0), rand.next_u64());
        }
    }
}
