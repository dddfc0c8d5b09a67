//! Vectors of NEON: 128 bits.
//!
//! SAFETY of every block: the CPU has NEON, because a `Neon` exists.

#![allow(clippy::undocumented_unsafe_blocks, reason = "all have the reason that is above")]

use super::{Floats, Longs, Vectors, Words};
use std::arch::aarch64::*;

/// Proof that the CPU has NEON.
#[derive(Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    #[target_feature(enable = "neon")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Vectors for Neon {
    type Count = uint32x4_t;

    #[inline(always)]
    fn none(self) -> uint32x4_t {
        unsafe { vdupq_n_u32(0) }
    }

    #[inline(always)]
    fn total(self, count: uint32x4_t) -> u64 {
        unsafe { vaddlvq_u32(count) }
    }
}

/// 64-bit products of four words: those of the lower and those of the upper lanes.
type Products = [uint64x2_t; 2];

/// The lanes always keep their order.
impl Words for Neon {
    type Word = uint32x4_t;
    type Product = Products;
    type Kept = uint32x4_t;
    const LANES: usize = 4;

    #[inline(always)]
    fn splat(self, word: u32) -> uint32x4_t {
        unsafe { vdupq_n_u32(word) }
    }

    #[inline(always)]
    fn load(self, words: &[u32; 8]) -> uint32x4_t {
        unsafe { vld1q_u32(words.as_ptr()) }
    }

    #[inline(always)]
    fn add(self, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
        unsafe { vaddq_u32(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
        unsafe { veorq_u32(a, b) }
    }

    #[inline(always)]
    fn xor3(self, a: uint32x4_t, b: uint32x4_t, c: uint32x4_t) -> uint32x4_t {
        unsafe { veorq_u32(veorq_u32(a, b), c) }
    }

    #[inline(always)]
    fn product(self, words: uint32x4_t, factor: uint32x4_t) -> Products {
        unsafe {
            [vmull_u32(vget_low_u32(words), vget_low_u32(factor)), vmull_high_u32(words, factor)]
        }
    }

    #[inline(always)]
    fn high(self, [lower, upper]: Products) -> uint32x4_t {
        unsafe { vuzp2q_u32(vreinterpretq_u32_u64(lower), vreinterpretq_u32_u64(upper)) }
    }

    #[inline(always)]
    fn low(self, [lower, upper]: Products) -> uint32x4_t {
        unsafe { vuzp1q_u32(vreinterpretq_u32_u64(lower), vreinterpretq_u32_u64(upper)) }
    }

    #[inline(always)]
    fn keep(self, _: uint32x4_t, product: Products) -> uint32x4_t {
        self.low(product)
    }

    #[inline(always)]
    fn kept_low(self, low: uint32x4_t, _: uint32x4_t) -> uint32x4_t {
        low
    }

    #[inline(always)]
    fn count_misses(self, count: uint32x4_t, x: uint32x4_t, y: uint32x4_t) -> uint32x4_t {
        unsafe {
            let (x, y) = (vreinterpretq_s32_u32(x), vreinterpretq_s32_u32(y));
            let (x_low, y_low) = (vget_low_s32(x), vget_low_s32(y));
            let lower = vmlal_s32(vmull_s32(x_low, x_low), y_low, y_low);
            let upper = vmlal_high_s32(vmull_high_s32(x, x), y, y);
            let high = self.high([vreinterpretq_u64_s64(lower), vreinterpretq_u64_s64(upper)]);
            vsraq_n_u32::<31>(count, vaddq_u32(high, vdupq_n_u32(1 << 30)))
        }
    }
}

impl Longs for Neon {
    type Long = uint64x2_t;
    const LANES: usize = 2;

    #[inline(always)]
    fn load(self, words: &[u64]) -> uint64x2_t {
        let words: &[u64; 2] = words.first_chunk().expect("a vector of words");
        unsafe { vld1q_u64(words.as_ptr()) }
    }

    #[inline(always)]
    fn add(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
        unsafe { vaddq_u64(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
        unsafe { veorq_u64(a, b) }
    }

    #[inline(always)]
    fn shift_left_17(self, words: uint64x2_t) -> uint64x2_t {
        unsafe { vshlq_n_u64::<17>(words) }
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, words: uint64x2_t) -> uint64x2_t {
        unsafe { vsriq_n_u64::<RIGHT>(vshlq_n_u64::<LEFT>(words), words) }
    }

    #[inline(always)]
    fn count_misses(self, count: uint32x4_t, points: [uint64x2_t; 2]) -> uint32x4_t {
        Words::count_misses(self, count, Words::low(self, points), Words::high(self, points))
    }
}

impl Floats for Neon {
    type Word = uint32x4_t;
    type Float = float32x4_t;
    const LANES: usize = 4;

    #[inline(always)]
    fn load(self, words: &[u32]) -> uint32x4_t {
        let words: &[u32; 4] = words.first_chunk().expect("a vector of words");
        unsafe { vld1q_u32(words.as_ptr()) }
    }

    #[inline(always)]
    fn add(self, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
        unsafe { vaddq_u32(a, b) }
    }

    #[inline(always)]
    fn fill(self, float: f32) -> float32x4_t {
        unsafe { vdupq_n_f32(float) }
    }

    #[inline(always)]
    fn nearest(self, words: uint32x4_t) -> float32x4_t {
        unsafe { vcvtq_f32_s32(vreinterpretq_s32_u32(words)) }
    }

    #[inline(always)]
    fn square_add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vfmaq_f32(b, a, a) }
    }

    #[inline(always)]
    fn least(self, least: float32x4_t, float: float32x4_t) -> float32x4_t {
        unsafe { vminq_f32(least, vabsq_f32(float)) }
    }

    #[inline(always)]
    fn any_up_to(self, floats: float32x4_t, limit: f32) -> bool {
        unsafe { vminvq_f32(floats) <= limit }
    }

    #[inline(always)]
    fn count_negative(self, count: uint32x4_t, floats: float32x4_t) -> uint32x4_t {
        unsafe { vsraq_n_u32::<31>(count, vreinterpretq_u32_f32(floats)) }
    }
}
