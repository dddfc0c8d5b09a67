//! Vectors of AVX2: 256 bits.
//!
//! SAFETY of every block: the CPU has AVX2, because an `Avx2` exists.

#![allow(clippy::undocumented_unsafe_blocks, reason = "all have the reason that is above")]

use super::{Floats, Longs, Vectors, Words, ones};
use std::arch::x86_64::*;

/// Proof that the CPU has AVX2, FMA and POPCNT.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    #[target_feature(enable = "avx2,fma,popcnt")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Vectors for Avx2 {
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

/// 64-bit products of eight words: those of the even lanes, and those of the odd lanes.
type Products = [__m256i; 2];

impl Words for Avx2 {
    type Word = __m256i;
    type Product = Products;
    type Kept = __m256i;
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(self, word: u32) -> __m256i {
        unsafe { _mm256_set1_epi32(word.cast_signed()) }
    }

    #[inline(always)]
    fn load(self, words: &[u32; 8]) -> __m256i {
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_xor_si256(a, b) }
    }

    #[inline(always)]
    fn xor3(self, a: __m256i, b: __m256i, c: __m256i) -> __m256i {
        unsafe { _mm256_xor_si256(_mm256_xor_si256(a, b), c) }
    }

    #[inline(always)]
    fn product(self, words: __m256i, factor: __m256i) -> Products {
        unsafe { [_mm256_mul_epu32(words, factor), _mm256_mul_epu32(odd(words), factor)] }
    }

    /// In each half of 128 bits, the lanes a b c d become a c b d.
    #[inline(always)]
    fn high(self, product: Products) -> __m256i {
        unsafe { shuffle::<0xDD>(product) }
    }

    #[inline(always)]
    fn low(self, product: Products) -> __m256i {
        unsafe { shuffle::<0x88>(product) }
    }

    /// The words themselves: multiplying them again takes one instruction, and they are at hand.
    #[inline(always)]
    fn keep(self, words: __m256i, _: Products) -> __m256i {
        words
    }

    #[inline(always)]
    fn kept_low(self, words: __m256i, factor: __m256i) -> __m256i {
        unsafe { _mm256_mullo_epi32(words, factor) }
    }

    #[inline(always)]
    fn count_misses(self, count: u64, x: __m256i, y: __m256i) -> u64 {
        unsafe { count + count_outside([norm(x, y), norm(odd(x), odd(y))]) }
    }
}

impl Longs for Avx2 {
    type Long = __m256i;
    const LANES: usize = 4;

    #[inline(always)]
    fn load(self, words: &[u64]) -> __m256i {
        let words: &[u64; 4] = words.first_chunk().expect("a vector of words");
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi64(a, b) }
    }

    #[inline(always)]
    fn xor(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_xor_si256(a, b) }
    }

    #[inline(always)]
    fn shift_left_17(self, words: __m256i) -> __m256i {
        unsafe { _mm256_slli_epi64::<17>(words) }
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, words: __m256i) -> __m256i {
        unsafe {
            _mm256_or_si256(_mm256_slli_epi64::<LEFT>(words), _mm256_srli_epi64::<RIGHT>(words))
        }
    }

    #[inline(always)]
    fn count_misses(self, count: u64, [a, b]: [__m256i; 2]) -> u64 {
        unsafe { count + count_outside([norm(a, odd(a)), norm(b, odd(b))]) }
    }
}

impl Floats for Avx2 {
    type Word = __m256i;
    type Float = __m256;
    const LANES: usize = 8;

    #[inline(always)]
    fn load(self, words: &[u32]) -> __m256i {
        let words: &[u32; 8] = words.first_chunk().expect("a vector of words");
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }

    #[inline(always)]
    fn add(self, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(a, b) }
    }

    #[inline(always)]
    fn fill(self, float: f32) -> __m256 {
        unsafe { _mm256_set1_ps(float) }
    }

    #[inline(always)]
    fn nearest(self, words: __m256i) -> __m256 {
        unsafe { _mm256_cvtepi32_ps(words) }
    }

    #[inline(always)]
    fn square_add(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, a, b) }
    }

    #[inline(always)]
    fn least(self, least: __m256, float: __m256) -> __m256 {
        unsafe { _mm256_min_ps(least, _mm256_andnot_ps(_mm256_set1_ps(-0.0), float)) }
    }

    #[inline(always)]
    fn any_up_to(self, floats: __m256, limit: f32) -> bool {
        unsafe {
            _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(floats, _mm256_set1_ps(limit))) != 0
        }
    }

    #[inline(always)]
    fn count_negative(self, count: u64, floats: __m256) -> u64 {
        unsafe { count + ones(_mm256_movemask_ps(floats).cast_unsigned()) }
    }
}

/// Moves the odd lanes to the even ones.
#[inline(always)]
unsafe fn odd(words: __m256i) -> __m256i {
    unsafe { _mm256_srli_epi64::<32>(words) }
}

/// The number of sums x² + y² that are 2^62 or more.
#[inline(always)]
unsafe fn count_outside(sums: Products) -> u64 {
    unsafe {
        let carried = _mm256_add_epi32(shuffle::<0xDD>(sums), _mm256_set1_epi32(1 << 30));
        ones(_mm256_movemask_ps(_mm256_castsi256_ps(carried)).cast_unsigned())
    }
}

/// x² + y² of the signed words in the even lanes.
#[inline(always)]
unsafe fn norm(x: __m256i, y: __m256i) -> __m256i {
    unsafe { _mm256_add_epi64(_mm256_mul_epi32(x, x), _mm256_mul_epi32(y, y)) }
}

#[inline(always)]
unsafe fn shuffle<const LANES: i32>([even, odd]: Products) -> __m256i {
    unsafe {
        let (even, odd) = (_mm256_castsi256_ps(even), _mm256_castsi256_ps(odd));
        _mm256_castps_si256(_mm256_shuffle_ps::<LANES>(even, odd))
    }
}
