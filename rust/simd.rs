//! Vectors of a CPU, for the kernels that are vectorised by hand.
//!
//! A kernel is written once, for any [`Words`]. Each set of vectors defines the few operations that
//! it needs, with its own intrinsics, as a type whose values prove that the CPU has them: only a
//! function that is compiled with the vectors' features can make one without `unsafe`. So only a
//! kernel's outermost function has `#[target_feature]`, and all below it is inlined into it.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) use neon::Neon;

/// A set of vectors. Its values prove that the CPU has them.
pub(crate) trait Vectors: Copy {
    /// A number of lanes that were counted. It is less than 2^32 in each lane.
    type Count: Copy;

    /// A count of nothing.
    fn none(self) -> Self::Count;
    /// The number of lanes that were counted.
    fn total(self, count: Self::Count) -> u64;
}

/// Operations on vectors of 32-bit words.
///
/// Lanes have one of two orders. [`high`](Self::high) changes it, and applied twice brings it back.
/// All other operations keep it, so no lane has to be moved to its place.
pub(crate) trait Words: Vectors {
    /// A vector of words.
    type Word: Copy;
    /// The 64-bit products of two vectors of words.
    type Product: Copy;
    /// What gives the low words of products.
    type Kept: Copy;
    /// The number of words in a vector.
    const LANES: usize;

    /// The same word in all lanes.
    fn splat(self, word: u32) -> Self::Word;
    /// The first [`LANES`](Self::LANES) of these words.
    fn load(self, words: &[u32; 8]) -> Self::Word;
    /// Sums mod 2^32.
    fn add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    fn xor3(self, a: Self::Word, b: Self::Word, c: Self::Word) -> Self::Word;
    /// The products of unsigned words with a factor, which is the same in all lanes.
    fn product(self, words: Self::Word, factor: Self::Word) -> Self::Product;
    /// The high words of products. Of the two orders that lanes can have, it is not the order of the
    /// words that were multiplied.
    fn high(self, product: Self::Product) -> Self::Word;
    /// The low words of products, in the order of [`high`](Self::high).
    fn low(self, product: Self::Product) -> Self::Word;
    /// What is kept of a product until its low words are needed. `words` are those that
    /// [`product`](Self::product) multiplied.
    fn keep(self, words: Self::Word, product: Self::Product) -> Self::Kept;
    /// The low words of the product that was kept, in the order of the words that were multiplied.
    fn kept_low(self, kept: Self::Kept, factor: Self::Word) -> Self::Word;
    /// Counts the points outside of the circle too: signed words x and y with x² + y² >= 2^62. The
    /// sum is at most 2^63, so adding 2^62 carries every miss into the top bit. That counts a miss
    /// once, also if the sum is 2^63.
    fn count_misses(self, count: Self::Count, x: Self::Word, y: Self::Word) -> Self::Count;
}

/// Operations on vectors of floats, which come from vectors of 32-bit words.
pub(crate) trait Floats: Vectors {
    /// A vector of words.
    type Word: Copy;
    /// A vector of floats.
    type Float: Copy;
    /// The number of words or floats in a vector.
    const LANES: usize;

    /// The first [`LANES`](Self::LANES) of these words.
    fn load(self, words: &[u32]) -> Self::Word;
    /// Sums mod 2^32.
    fn add(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// The same float in all lanes.
    fn fill(self, float: f32) -> Self::Float;
    /// Signed words, each rounded to the nearest float.
    fn nearest(self, words: Self::Word) -> Self::Float;
    /// a·a + b, rounded once.
    fn square_add(self, a: Self::Float, b: Self::Float) -> Self::Float;
    /// The least absolute values.
    fn least(self, least: Self::Float, float: Self::Float) -> Self::Float;
    /// Whether a lane is `limit` or less.
    fn any_up_to(self, floats: Self::Float, limit: f32) -> bool;
    /// Counts the negative lanes too.
    fn count_negative(self, count: Self::Count, floats: Self::Float) -> Self::Count;
}

/// Operations on vectors of 64-bit words.
pub(crate) trait Longs: Vectors {
    /// A vector of words.
    type Long: Copy;
    /// The number of words in a vector.
    const LANES: usize;

    /// The first [`LANES`](Self::LANES) of these words.
    fn load(self, words: &[u64]) -> Self::Long;
    /// Sums mod 2^64.
    fn add(self, a: Self::Long, b: Self::Long) -> Self::Long;
    fn xor(self, a: Self::Long, b: Self::Long) -> Self::Long;
    fn shift_left_17(self, words: Self::Long) -> Self::Long;
    /// Words rotated left by `LEFT` bits; `RIGHT` is 64 − `LEFT`.
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, words: Self::Long) -> Self::Long;
    /// Counts the points outside of the circle too: x is the low half of a word, y the high half.
    fn count_misses(self, count: Self::Count, points: [Self::Long; 2]) -> Self::Count;
}

/// The number of bits that are set. This is one instruction: of `count_ones`, LLVM makes operations on
/// vectors that count the bits of several words together, although vectors have more to do here.
///
/// # Safety
/// The CPU has POPCNT.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn ones(word: u32) -> u64 {
    let count: u64;
    // SAFETY: the instruction reads and writes these registers only.
    unsafe {
        std::arch::asm!(
            "popcnt {count:e}, {word:e}",
            count = lateout(reg) count,
            word = in(reg) word,
            options(pure, nomem, nostack),
        );
    }
    count
}

/// Repeats a body for the index `$u` = 0, 1, … below the constant `$n`, which is at most 8. A loop
/// would be unrolled too, but too late: the vectors in an array would stay in memory.
macro_rules! unroll {
    ($u:ident < $n:expr, $body:block) => {
        unroll!(@ $u $n, $body, 0 1 2 3 4 5 6 7)
    };
    (@ $u:ident $n:expr, $body:block, $($index:literal)*) => {
    const { assert!($n <= 8) };
        $(if $index < $n { const $u: usize = $index; $body })*
    };
}
pub(crate) use unroll;

/// A value at a multiple of 64 bytes. The compiler aligns a function's stack frame only if a value in
/// it needs that. Otherwise half of the vectors that it keeps on the stack may cross cache lines,
/// depending on where the stack happens to be, which costs up to a third of the speed. The value must
/// pass through a black box, or the compiler would keep it in registers and not align the frame.
#[repr(align(64))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// Calls a generic test with every set of vectors that this CPU has and [`Level`](crate::Level)
/// allows.
#[cfg(test)]
macro_rules! test_with_all_vectors {
    ($test:ident) => {
        #[cfg(target_arch = "x86_64")]
        {
            use crate::Level;
            use crate::simd::{Avx2, Avx512};
            if Level::V3.missing().is_none() {
                // SAFETY: the CPU has the level.
                $test(unsafe { Avx2::new() });
            }
            if Level::V4.missing().is_none() {
                // SAFETY: the CPU has the level.
                $test(unsafe { Avx512::new() });
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            // SAFETY: every CPU of this target has NEON.
            $test(unsafe { crate::simd::Neon::new() });
        }
    };
}
#[cfg(test)]
pub(crate) use test_with_all_vectors;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit_test::points::points;

    /// A point is counted in each lane, whatever the others hold.
    #[test]
    fn points_on_and_near_the_circle_in_every_lane() {
        test_with_all_vectors!(in_every_lane);
        fn in_every_lane<V: Words>(v: V) {
            for (x, y, hit) in points() {
                for lane in 0..V::LANES {
                    for (other, misses) in [(0, 0), (i32::MIN.cast_unsigned(), V::LANES - 1)] {
                        let (mut xs, mut ys) = ([other; 8], [other; 8]);
                        (xs[lane], ys[lane]) = (x.cast_unsigned(), y.cast_unsigned());
                        let expected = misses as u64 + 1 - u64::from(hit);
                        let found = v.count_misses(v.none(), v.load(&xs), v.load(&ys));
                        assert_eq!(v.total(found), expected, "{x} {y} in lane {lane}");
                    }
                }
            }
        }
    }

    /// The same for points that are the halves of 64-bit words, in two vectors.
    #[test]
    fn points_in_halves_of_words() {
        test_with_all_vectors!(in_every_lane);
        fn in_every_lane<V: Longs>(v: V) {
            let point =
                |x: i32, y: i32| u64::from(y.cast_unsigned()) << 32 | u64::from(x.cast_unsigned());
            for (x, y, hit) in points() {
                for lane in 0..2 * V::LANES {
                    let miss = point(i32::MIN, i32::MIN);
                    for (other, misses) in [(0, 0), (miss, 2 * V::LANES - 1)] {
                        let mut words = [other; 16];
                        words[lane] = point(x, y);
                        let vectors = [v.load(&words), v.load(&words[V::LANES..])];
                        let found = v.total(v.count_misses(v.none(), vectors));
                        assert_eq!(
                            found,
                            misses as u64 + 1 - u64::from(hit),
                            "{x} {y} in lane {lane}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn unrolled_bodies_run_once_for_each_index() {
        let mut indices = Vec::new();
        unroll!(U < 5, { indices.push(U) });
        assert_eq!(indices, [0, 1, 2, 3, 4]);
    }
}
