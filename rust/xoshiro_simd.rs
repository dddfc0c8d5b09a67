//! xoshiro256++, vectorised by hand. `xoshiro.rs` says what it computes.

use crate::level::kernel_at_levels;
use crate::simd::{Longs, unroll};
use crate::xoshiro::{CountBlock, LANES, Lanes, ROWS};

kernel_at_levels!(neon: hits::<_, 4, 8>, avx2: hits::<_, 2, 8>, avx512: hits::<_, 2, 16>);

/// Counts the hits among `count` samples from index `first` on, `L` lanes, which are `U` vectors, at
/// a time. `U` is the number of vectors whose four state words fit into the CPU's registers.
#[inline(always)]
fn hits<V: Longs, const U: usize, const L: usize>(v: V, seed: u64, first: u64, count: u64) -> u64 {
    crate::xoshiro::hits(InVectors::<V, U, L>(v), seed, first, count)
}

#[derive(Clone, Copy)]
struct InVectors<V, const U: usize, const L: usize>(V);

impl<V: Longs, const U: usize, const L: usize> CountBlock for InVectors<V, U, L> {
    #[inline(always)]
    fn hits(self, seed: u64, block: u64) -> u64 {
        const { assert!(L == U * V::LANES && LANES.is_multiple_of(L) && U.is_multiple_of(2)) };
        let mut hits = 0;
        for lane in (0..LANES).step_by(L) {
            hits += lane_hits::<V, U, L>(self.0, Lanes::new(seed, block, lane));
        }
        hits
    }
}

/// Counts the hits of some lanes in a whole block.
#[inline(always)]
fn lane_hits<V: Longs, const U: usize, const L: usize>(v: V, start: Lanes<L>) -> u64 {
    let mut lanes = [[v.load(&start.s0); 4]; U];
    unroll!(I < U, {
        let words = [&start.s0, &start.s1, &start.s2, &start.s3];
        lanes[I] = words.map(|words| v.load(&words[I * V::LANES..]));
    });
    let mut misses = v.none();
    for _ in 0..ROWS {
        let mut points = [lanes[0][0]; U];
        unroll!(I < U, { (points[I], lanes[I]) = next(v, lanes[I]) });
        unroll!(I < U, {
            if I % 2 == 1 {
                misses = v.count_misses(misses, [points[I - 1], points[I]]);
            }
        });
    }
    ROWS * (U * V::LANES) as u64 - v.total(misses)
}

/// The next outputs, and the states after them.
#[inline(always)]
fn next<V: Longs>(v: V, [s0, s1, s2, s3]: [V::Long; 4]) -> (V::Long, [V::Long; 4]) {
    let output = v.add(v.rotate::<23, 41>(v.add(s0, s3)), s0);
    let shifted = v.shift_left_17(s1);
    let (s2, s3) = (v.xor(s2, s0), v.xor(s3, s1));
    let (s1, s0) = (v.xor(s1, s2), v.xor(s0, s3));
    (output, [s0, s1, v.xor(s2, shifted), v.rotate::<45, 19>(s3)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::test_with_all_vectors;
    use crate::xoshiro::Plain;

    /// Every lane counts, whichever lanes are in one vector.
    #[test]
    fn blocks_have_the_hits_that_the_plain_kernel_counts() {
        test_with_all_vectors!(blocks);
        fn blocks<V: Longs>(v: V) {
            for (seed, block) in [(42, 0), (42, 1), (0, 1 << 47), (u64::MAX, (1 << 48) - 1)] {
                let expected = Plain::<1, false>.hits(seed, block);
                let found: u64 = (0..LANES)
                    .step_by(2 * V::LANES)
                    .map(|lane| lane_hits::<V, 2, 16>(v, Lanes::new(seed, block, lane)))
                    .sum();
                assert_eq!(found, expected, "{seed} {block}");
            }
        }
    }
}
