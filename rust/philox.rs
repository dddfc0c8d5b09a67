//! Philox4x32-10: a block cipher in counter mode. Each block makes two samples.
//!
//! Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3", SC11. Block b has the counter (b low, b high, 0, 0) and the key (seed low, seed high).
//! Sample i belongs to block ⌊i/2⌋: its point is the words 0 and 1 if i is even, 2 and 3 if i is
//! odd.

use crate::hit_test::{ONLY_UNSIGNED, is_miss};
use crate::level::kernel_at_levels;
use std::hint::black_box;

pub(crate) const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
pub(crate) const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW: u64 = 0xFFFF_FFFF;

/// The four words of `L` blocks, with each 32-bit word in a 64-bit lane. Widening multiplications
/// take their operands from 64-bit lanes, so no word moves to another lane.
type Words<const L: usize> = [[u64; L]; 4];

// With 12 lanes three vectors of AVX2 are in flight, and all words stay in registers.
kernel_at_levels!(hits::<12, ONLY_UNSIGNED>, hits::<12, false>, hits::<32, false>);

/// Counts the hits among `count` samples from index `first` on, `L` blocks at a time. `UNSIGNED` makes
/// the hit test use unsigned products.
#[inline(always)]
fn hits<const L: usize, const UNSIGNED: bool>(seed: u64, first: u64, count: u64) -> u64 {
    let (first_block, blocks, edges) = whole_blocks(seed, first, count);
    edges + block_hits::<L, UNSIGNED>(seed, first_block, blocks)
}

/// The first of the whole blocks in a range, their number, and the hits among the samples of the
/// range before and after them.
#[inline(always)]
pub(crate) fn whole_blocks(seed: u64, first: u64, count: u64) -> (u64, u64, u64) {
    let odd = (first % 2).min(count);
    let (blocks, last) = ((count - odd) / 2, (count - odd) % 2);
    let first_block = (first / 2) + odd;
    let end = first_block.wrapping_add(blocks).wrapping_mul(2);
    (first_block, blocks, edge(seed, first, odd) + edge(seed, end, last))
}

/// Counts the hits of `blocks` whole blocks.
#[inline(always)]
pub(crate) fn block_hits<const L: usize, const UNSIGNED: bool>(
    seed: u64,
    first_block: u64,
    blocks: u64,
) -> u64 {
    let mut misses = [0u64; L];
    let mut block = first_block;
    let mut left = blocks;
    // The black box hides the trip count from LLVM, which would otherwise vectorise across groups
    // of lanes instead of across lanes, and need slow gathers.
    while black_box(left) >= L as u64 {
        let words = rounds(counters::<L>(block), seed);
        for l in 0..L {
            misses[l] += is_miss::<UNSIGNED>(words[0][l], words[1][l])
                + is_miss::<UNSIGNED>(words[2][l], words[3][l]);
        }
        block = block.wrapping_add(L as u64);
        left -= L as u64;
    }
    // This black box keeps LLVM from arranging the lanes of the loop for their sum.
    let whole = 2 * (blocks - left) - black_box(misses).iter().sum::<u64>();
    whole + edge(seed, block.wrapping_mul(2), 2 * left)
}

/// Counts the hits of a few samples one by one. It is never inlined, because that would slow down
/// the loop over groups.
#[inline(never)]
pub(crate) fn edge(seed: u64, first: u64, count: u64) -> u64 {
    let miss = |sample: u64| {
        let [[w0], [w1], [w2], [w3]] = rounds(counters::<1>(sample / 2), seed);
        if sample.is_multiple_of(2) { is_miss::<false>(w0, w1) } else { is_miss::<false>(w2, w3) }
    };
    count - (0..count).map(|i| miss(first.wrapping_add(i))).sum::<u64>()
}

/// The counters of `L` consecutive blocks.
#[inline(always)]
fn counters<const L: usize>(first_block: u64) -> Words<L> {
    let mut words = [[0; L]; 4];
    for l in 0..L {
        let block = first_block.wrapping_add(l as u64);
        words[0][l] = block & LOW;
        words[1][l] = block >> 32;
    }
    words
}

/// The ten rounds. They are written out because LLVM does not unroll a loop of rounds, and then
/// keeps the words in memory.
#[inline(always)]
fn rounds<const L: usize>(mut words: Words<L>, seed: u64) -> Words<L> {
    let mut key = [seed as u32, (seed >> 32) as u32];
    macro_rules! rounds {
        ($($last:literal)*) => { $(
            round(&mut words, key);
            if !$last {
                key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
            }
        )* };
    }
    rounds!(false false false false false false false false false true);
    words
}

/// One round. The masks tell the compiler that widening multiplications of 32-bit words will do.
#[inline(always)]
fn round<const L: usize>(words: &mut Words<L>, key: [u32; 2]) {
    let [w0, w1, w2, w3] = words;
    for l in 0..L {
        let product0 = (w0[l] & LOW) * MULTIPLIERS[0];
        let product1 = (w2[l] & LOW) * MULTIPLIERS[1];
        w0[l] = (product1 >> 32) ^ w1[l] ^ u64::from(key[0]);
        w1[l] = product1 & LOW;
        w2[l] = (product0 >> 32) ^ w3[l] ^ u64::from(key[1]);
        w3[l] = product0 & LOW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
        let seed = u64::from(key[1]) << 32 | u64::from(key[0]);
        rounds(counter.map(|word| [word.into()]), seed).map(|[word]| word as u32)
    }

    /// From the file kat_vectors of Random123, the authors' own library.
    #[test]
    fn known_blocks() {
        assert_eq!(block([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(
            block([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
        );
        assert_eq!(
            block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    /// C++26, `[rand.predef]`, requires this as the 10000th word from seed 20111115.
    #[test]
    fn ten_thousandth_word() {
        assert_eq!(rounds(counters::<1>(9999 / 4), 20_111_115)[9999 % 4][0] as u32, 1_955_073_260);
    }

    #[test]
    fn lanes_count_over_2_to_the_32() {
        let words = counters::<4>((1 << 32) - 2);
        assert_eq!(words[0], [LOW - 1, LOW, 0, 1]);
        assert_eq!(words[1], [0, 0, 1, 1]);
    }
}
