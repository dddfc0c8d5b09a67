//! Philox4x32-10, vectorised by hand. `philox.rs` says what it computes.
//!
//! Several vectors of blocks are in flight, because each round waits for its multiplications. Zen 3
//! makes 1.17, 1.20, 1.21 and 1.23 billion samples a second with 4, 5, 6 and 8 vectors of AVX2.
//! `bench/BIAS.md` says what was measured where.

use crate::level::kernel_at_levels;
use crate::philox::{KEY_STEPS, MULTIPLIERS, block_hits, whole_blocks};
use crate::simd::{Aligned, Words, unroll};
use std::hint::black_box;

kernel_at_levels!(neon: hits::<_, 4, 16>, avx2: hits::<_, 8, 16>, avx512: hits::<_, 6, 32>);

/// Counts the hits among `count` samples from index `first` on: those of groups of `D` vectors of
/// blocks, and those of the blocks around them, which the plain kernel counts in `L` lanes.
#[inline(always)]
fn hits<V: Words, const D: usize, const L: usize>(v: V, seed: u64, first: u64, count: u64) -> u64 {
    let (mut block, mut left, mut hits) = whole_blocks(seed, first, count);
    let group = (D * V::LANES) as u64;
    while left > 0 {
        // The upper word of a block number is the same in all these groups. The blocks around a
        // carry into it are left to the plain kernel.
        let before_carry = (1 << 32) - block % (1 << 32);
        let groups = left.min(before_carry) / group;
        if groups > 0 {
            hits += group_hits::<V, D>(v, seed, block, groups);
        }
        block = block.wrapping_add(groups * group);
        left -= groups * group;
        let around = left.min(group);
        hits += block_hits::<L, false>(seed, block, around);
        block = block.wrapping_add(around);
        left -= around;
    }
    hits
}

/// Counts the hits of groups of blocks, whose numbers have the same upper word.
#[inline(always)]
fn group_hits<V: Words, const D: usize>(v: V, seed: u64, first_block: u64, groups: u64) -> u64 {
    // The black box keeps the compiler from making several forms of a multiplier, which would take
    // more registers.
    let constants = Aligned(Constants::new(v, seed, (first_block >> 32) as u32));
    let constants = &black_box(&constants).0;
    let lanes = v.load(&[0, 1, 2, 3, 4, 5, 6, 7]);
    let mut misses = v.none();
    let mut block = first_block as u32;
    for _ in 0..groups {
        let counters = v.add(v.splat(block), lanes);
        let mut blocks = [constants.first_rounds(v, counters); D];
        unroll!(U < D, {
            let counters = v.add(counters, v.splat((U * V::LANES) as u32));
            blocks[U] = constants.first_rounds(v, counters);
        });
        macro_rules! rounds {
            ($($round:literal)*) => { $(
                unroll!(U < D, { blocks[U] = constants.round(v, blocks[U], $round); });
            )* };
        }
        rounds!(3 4 5 6 7 8);
        unroll!(U < D, { misses = constants.count_last_round(v, blocks[U], misses) });
        block = block.wrapping_add((D * V::LANES) as u32);
    }
    2 * groups * (D * V::LANES) as u64 - v.total(misses)
}

/// The words of a vector of blocks after a round.
#[derive(Clone, Copy)]
struct Blocks<V: Words> {
    w0: V::Word,
    w1: V::Kept,
    w2: V::Word,
    w3: V::Kept,
}

/// What is the same for all blocks whose numbers have the same upper word.
struct Constants<V: Words> {
    multipliers: [V::Word; 2],
    /// The keys of the ten rounds. What the second and the third round add to a word of all blocks
    /// alike is in their keys: see [`first_rounds`](Self::first_rounds).
    keys: [[V::Word; 2]; 10],
}

impl<V: Words> Constants<V> {
    #[inline(always)]
    fn new(v: V, seed: u64, upper: u32) -> Self {
        let mut key = [seed as u32, (seed >> 32) as u32];
        let mut keys = [key; 10];
        for next in &mut keys {
            *next = key;
            key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
        }
        let product = MULTIPLIERS[0] * u64::from(upper ^ keys[0][0]);
        keys[1][1] ^= (product >> 32) as u32;
        keys[2][1] ^= product as u32;
        Self {
            multipliers: MULTIPLIERS.map(|multiplier| v.splat(multiplier as u32)),
            keys: keys.map(|[key0, key1]| [v.splat(key0), v.splat(key1)]),
        }
    }

    /// The first three rounds of the blocks with these lower words. Their four words are b, the
    /// upper word, 0, 0, so one multiplication is left in the first round and one in the second: the
    /// second round multiplies the same number in all lanes.
    #[inline(always)]
    fn first_rounds(&self, v: V, b: V::Word) -> Blocks<V> {
        let ([m0, m1], keys) = (self.multipliers, &self.keys);
        let product = v.product(b, m0);
        let (w2, w3) = (v.xor(v.high(product), keys[0][1]), v.keep(b, product));
        let product = v.product(w2, m1);
        let (w0, w1) = (v.xor(v.high(product), keys[1][0]), v.keep(w2, product));
        let w2 = v.xor(v.kept_low(w3, m0), keys[1][1]);
        let (product0, product1) = (v.product(w0, m0), v.product(w2, m1));
        Blocks {
            w0: v.xor3(v.high(product1), keys[2][0], v.kept_low(w1, m1)),
            w1: v.keep(w2, product1),
            w2: v.xor(v.high(product0), keys[2][1]),
            w3: v.keep(w0, product0),
        }
    }

    /// A round. A low word keeps the order of the lanes, and is next used where the high words have
    /// gone from this order to the other and back.
    #[inline(always)]
    fn round(&self, v: V, Blocks { w0, w1, w2, w3 }: Blocks<V>, round: usize) -> Blocks<V> {
        let ([m0, m1], [key0, key1]) = (self.multipliers, self.keys[round]);
        let (product0, product1) = (v.product(w0, m0), v.product(w2, m1));
        Blocks {
            w0: v.xor3(v.high(product1), key0, v.kept_low(w1, m1)),
            w1: v.keep(w2, product1),
            w2: v.xor3(v.high(product0), key1, v.kept_low(w3, m0)),
            w3: v.keep(w0, product0),
        }
    }

    /// Counts the misses among the points that the last round makes, too. All its words are in the
    /// same order.
    #[inline(always)]
    fn count_last_round(&self, v: V, blocks: Blocks<V>, misses: V::Count) -> V::Count {
        let Blocks { w0, w2, .. } = blocks;
        let [m0, m1] = self.multipliers;
        let last = self.round(v, blocks, 9);
        let misses = v.count_misses(misses, last.w0, v.low(v.product(w2, m1)));
        v.count_misses(misses, last.w2, v.low(v.product(w0, m0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox;
    use crate::simd::test_with_all_vectors;

    fn plain(seed: u64, block: u64, blocks: u64) -> u64 {
        block_hits::<4, false>(seed, block, blocks)
    }

    /// Each lane of each vector of a group counts: groups at consecutive blocks differ in the blocks
    /// at their ends only.
    #[test]
    fn groups_count_what_the_plain_kernel_counts() {
        test_with_all_vectors!(groups);
        fn groups<V: Words>(v: V) {
            let group = (3 * V::LANES) as u64;
            for seed in [0, 42, u64::MAX] {
                for block in (0..2 * group).chain([(1 << 32) - group, 7 << 32, u64::MAX - group]) {
                    let expected = plain(seed, block, group);
                    assert_eq!(group_hits::<V, 3>(v, seed, block, 1), expected, "{seed} {block}");
                }
                assert_eq!(group_hits::<V, 3>(v, seed, 5, 4), plain(seed, 5, 4 * group));
            }
        }
    }

    /// The lower words of the blocks wrap at every place of a group.
    #[test]
    fn a_carry_into_the_upper_word_may_fall_anywhere() {
        test_with_all_vectors!(carries);
        fn carries<V: Words>(v: V) {
            let group = (3 * V::LANES) as u64;
            for before in 0..=2 * group {
                for upper in [1, 9, 1 << 30] {
                    let (seed, block) = (42, (upper << 32) - before);
                    let expected = philox::edge(seed, 2 * block, 6 * group);
                    let found = hits::<V, 3, 4>(v, seed, 2 * block, 6 * group);
                    assert_eq!(found, expected, "{before} blocks before {upper}·2^32");
                }
            }
        }
    }
}
