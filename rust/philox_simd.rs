//! Philox4x32-10, vectorised by hand. `philox.rs` says what it computes.

use crate::level::kernel_at_levels;
use crate::philox::{KEY_STEPS, MULTIPLIERS, edge, whole_blocks};
use crate::simd::{Words, unroll};

kernel_at_levels!(simd hits::<_, 6>);

/// Counts the hits among `count` samples from index `first` on, `D` vectors of blocks at a time.
#[inline(always)]
fn hits<V: Words, const D: usize>(vectors: V, seed: u64, first: u64, count: u64) -> u64 {
    let (mut block, blocks, mut hits) = whole_blocks(seed, first, count);
    let group = (D * V::LANES) as u64;
    let mut left = blocks;
    while left >= group {
        // The upper word of the block number is the same in all groups before the next carry. The
        // one group that the carry falls into is counted one by one.
        let before_carry = (1 << 32) - block % (1 << 32);
        let groups = left.min(before_carry) / group;
        hits += match groups {
            0 => edge(seed, block.wrapping_mul(2), 2 * group),
            _ => group_hits::<V, D>(vectors, seed, block, groups),
        };
        let counted = groups.max(1) * group;
        block = block.wrapping_add(counted);
        left -= counted;
    }
    hits + edge(seed, block.wrapping_mul(2), 2 * left)
}

/// Counts the hits of groups of blocks, whose numbers have the same upper word.
#[inline(always)]
fn group_hits<V: Words, const D: usize>(v: V, seed: u64, first_block: u64, groups: u64) -> u64 {
    let multipliers = MULTIPLIERS.map(|multiplier| v.splat(multiplier as u32));
    let keys = keys(v, seed, (first_block >> 32) as u32);
    let mut misses = 0;
    let mut block = first_block as u32;
    for _ in 0..groups {
        let mut words = [[multipliers[0]; 4]; D];
        unroll!(U < D, {
            let counter = v.counting_from(block.wrapping_add((U * V::LANES) as u32));
            words[U] = first_rounds(v, counter, multipliers, &keys);
        });
        macro_rules! rounds {
            ($($round:literal)*) => { $(
                unroll!(U < D, { words[U] = round(v, words[U], multipliers, keys[$round]); });
            )* };
        }
        rounds!(3 4 5 6 7 8);
        unroll!(U < D, { misses += last_round_misses(v, words[U], multipliers, keys[9]) });
        block = block.wrapping_add((D * V::LANES) as u32);
    }
    2 * groups * (D * V::LANES) as u64 - misses
}

/// The keys of the ten rounds. What the second and the third round add to a word of all blocks alike
/// is in their keys: see [`first_rounds`].
#[inline(always)]
fn keys<V: Words>(v: V, seed: u64, upper: u32) -> [[V::Word; 2]; 10] {
    let mut key = [seed as u32, (seed >> 32) as u32];
    let mut keys = [key; 10];
    for next in &mut keys {
        *next = key;
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    let product = MULTIPLIERS[0] * u64::from(upper ^ keys[0][0]);
    keys[1][1] ^= (product >> 32) as u32;
    keys[2][1] ^= product as u32;
    keys.map(|[key0, key1]| [v.splat(key0), v.splat(key1)])
}

/// The first three rounds of the blocks with these lower words. Their four words are b, the upper
/// word, 0, 0, so one multiplication is left in the first round and one in the second: the second
/// round multiplies the same number in all lanes.
#[inline(always)]
fn first_rounds<V: Words>(
    v: V,
    counter: V::Word,
    [m0, m1]: [V::Word; 2],
    keys: &[[V::Word; 2]; 10],
) -> [V::Word; 4] {
    let product = v.product(counter, m0);
    let (w2, w3) = (v.xor(v.high(product), keys[0][1]), v.low_in_order(counter, m0, product));
    let product = v.product(w2, m1);
    let (w0, w1) = (v.xor(v.high(product), keys[1][0]), v.low_in_order(w2, m1, product));
    let w2 = v.xor(w3, keys[1][1]);
    let (product0, product1) = (v.product(w0, m0), v.product(w2, m1));
    [
        v.xor3(v.high(product1), w1, keys[2][0]),
        v.low_in_order(w2, m1, product1),
        v.xor(v.high(product0), keys[2][1]),
        v.low_in_order(w0, m0, product0),
    ]
}

/// A round. A low word keeps the order of the lanes, and is next used where the high words have
/// gone from this order to the other and back.
#[inline(always)]
fn round<V: Words>(
    v: V,
    [w0, w1, w2, w3]: [V::Word; 4],
    [m0, m1]: [V::Word; 2],
    [key0, key1]: [V::Word; 2],
) -> [V::Word; 4] {
    let (product0, product1) = (v.product(w0, m0), v.product(w2, m1));
    [
        v.xor3(v.high(product1), w1, key0),
        v.low_in_order(w2, m1, product1),
        v.xor3(v.high(product0), w3, key1),
        v.low_in_order(w0, m0, product0),
    ]
}

/// The misses among the points that the last round makes. All its words are in the same order.
#[inline(always)]
fn last_round_misses<V: Words>(
    v: V,
    [w0, w1, w2, w3]: [V::Word; 4],
    [m0, m1]: [V::Word; 2],
    [key0, key1]: [V::Word; 2],
) -> u64 {
    let (product0, product1) = (v.product(w0, m0), v.product(w2, m1));
    let even = v.misses(v.xor3(v.high(product1), w1, key0), v.low(product1));
    let odd = v.misses(v.xor3(v.high(product0), w3, key1), v.low(product0));
    u64::from(even + odd)
}
