//! Vectors of AVX-512: 512 bits.
//!
//! SAFETY of every block: the CPU has AVX-512 F and DQ, because an `Avx512` exists.

#![allow(clippy::undocumented_unsafe_blocks, reason = "all have the reason that is above")]

use super::{Floats, Longs, Vectors, Words, ones};
use std::arch::x86_64::*;

/// Proof that the CPU has AVX-512 F and DQ and POPCNT.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    #[target_feature(enable = "avx512f,avx512dq,popcnt")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Vectors for Avx512 {
    type Count = u64;

    #[inline(always)]
    fn none(self) -> u64 {
        0
    }

    #[inline(always)]
    fn total(self, count: u64) -> u64 {
        count
    }
}

/// Each 32-bit word is in a 64-bit lane, whose upper half may hold anything: multiplications ignore
/// it. So no word moves to another lane, and a product is the vector of its low words.
impl Words for Avx512 {
    type Word = __m512i;
    type Product = __m512i;
    type Kept = __m512i;
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(self, word: u32) -> __m512i {
        unsafe { _mm512_set1_epi32(word.cast_signed()) }
    }

    #[inline(always)]
    fn load(self, words: &[u32; 8]) -> __m512i {
        unsafe { _mm512_cvtepu32_epi64(_mm256_loadu_si256(words.as_ptr().cast())) }
    }

    #[inline(always)]
    fn add(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_add_epi32(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_xor_si512(a, b) }
    }

    #[inline(always)]
    fn xor3(self, a: __m512i, b: __m512i, c: __m512i) -> __m512i {
        const XOR3: i32 = 0b1001_0110;
        unsafe { _mm512_ternarylogic_epi64::<XOR3>(a, b, c) }
    }

    #[inline(always)]
    fn product(self, words: __m512i, factor: __m512i) -> __m512i {
        unsafe { _mm512_mul_epu32(words, factor) }
    }

    #[inline(always)]
    fn high(self, product: __m512i) -> __m512i {
        unsafe { _mm512_srli_epi64::<32>(product) }
    }

    #[inline(always)]
    fn low(self, product: __m512i) -> __m512i {
        product
    }

    #[inline(always)]
    fn keep(self, _: __m512i, product: __m512i) -> __m512i {
        product
    }

    #[inline(always)]
    fn kept_low(self, low: __m512i, _: __m512i) -> __m512i {
        low
    }

    #[inline(always)]
    fn count_misses(self, count: u64, x: __m512i, y: __m512i) -> u64 {
        unsafe {
            let sum = _mm512_add_epi64(_mm512_mul_epi32(x, x), _mm512_mul_epi32(y, y));
            let top_two = _mm512_set1_epi64(0b11 << 62);
            count + ones(_mm512_test_epi64_mask(sum, top_two).into())
        }
    }
}

impl Longs for Avx512 {
    type Long = __m512i;
    const LANES: usize = 8;

    #[inline(always)]
    fn load(self, words: &[u64]) -> __m512i {
        let words: &[u64; 8] = words.first_chunk().expect("a vector of words");
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_add_epi64(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_xor_si512(a, b) }
    }

    #[inline(always)]
    fn shift_left_17(self, words: __m512i) -> __m512i {
        unsafe { _mm512_slli_epi64::<17>(words) }
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, words: __m512i) -> __m512i {
        unsafe { _mm512_rol_epi64::<LEFT>(words) }
    }

    #[inline(always)]
    fn count_misses(self, count: u64, [a, b]: [__m512i; 2]) -> u64 {
        let count = Words::count_misses(self, count, a, self.high(a));
        Words::count_misses(self, count, b, self.high(b))
    }
}

impl Floats for Avx512 {
    type Word = __m512i;
    type Float = __m512;
    const LANES: usize = 16;

    #[inline(always)]
    fn load(self, words: &[u32]) -> __m512i {
        let words: &[u32; 16] = words.first_chunk().expect("a vector of words");
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_add_epi32(a, b) }
    }

    #[inline(always)]
    fn fill(self, float: f32) -> __m512 {
        unsafe { _mm512_set1_ps(float) }
    }

    #[inline(always)]
    fn nearest(self, words: __m512i) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(words) }
    }

    #[inline(always)]
    fn square_add(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, a, b) }
    }

    #[inline(always)]
    fn least(self, least: __m512, float: __m512) -> __m512 {
        unsafe { _mm512_min_ps(least, _mm512_abs_ps(float)) }
    }

    #[inline(always)]
    fn any_up_to(self, floats: __m512, limit: f32) -> bool {
        unsafe { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(floats, _mm512_set1_ps(limit)) != 0 }
    }

    #[inline(always)]
    fn count_negative(self, count: u64, floats: __m512) -> u64 {
        unsafe { count + ones(_mm512_movepi32_mask(_mm512_castps_si512(floats)).into()) }
    }
}
