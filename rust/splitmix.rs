//! SplitMix64, used by its counter: it seeds the lanes of xoshiro and the textbook kernels.
//!
//! Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
//! OOPSLA 2014, with the finaliser "variant 13" of D. Stafford.

/// 2^64 divided by the golden ratio, made odd: the distance between SplitMix64's states.
pub(crate) const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Output number `k`, counted from 0, of the generator with this seed.
#[inline(always)]
pub(crate) fn splitmix64(seed: u64, k: u64) -> u64 {
    mix(seed.wrapping_add(k.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA)))
}

/// The finaliser: a bijection of 64-bit words that mixes all bits.
#[inline(always)]
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
