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

/// Operations on vectors of 32-bit words.
///
/// A vector of words may have its lanes in another order than the one before it. [`high`](Self::high)
/// says so; all other operations keep the order.
pub(crate) trait Words: Copy {
    /// A vector of words.
    type Word: Copy;
    /// The 64-bit products of two vectors of words.
    type Product: Copy;
    /// The number of words in a vector.
    const LANES: usize;

    /// The same word in all lanes.
    fn splat(self, word: u32) -> Self::Word;
    /// The words `first`, `first` + 1, …, mod 2^32.
    fn counting_from(self, first: u32) -> Self::Word;
    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    fn xor3(self, a: Self::Word, b: Self::Word, c: Self::Word) -> Self::Word;
    /// The products of unsigned words.
    fn product(self, a: Self::Word, b: Self::Word) -> Self::Product;
    /// The high words of products. Their lanes are in the other one of two orders than the factors.
    fn high(self, product: Self::Product) -> Self::Word;
    /// The low words of products, in the order of [`high`](Self::high).
    fn low(self, product: Self::Product) -> Self::Word;
    /// The low words of the product of `a` and `b`, in the order of the factors. `product` is their
    /// product.
    fn low_in_order(self, a: Self::Word, b: Self::Word, product: Self::Product) -> Self::Word;
    /// The number of points outside of the circle: signed words x and y with x² + y² >= 2^62. The
    /// sum is at most 2^63, so adding 2^62 carries every miss into the top bit. That counts a miss
    /// once, also if the sum is 2^63.
    fn misses(self, x: Self::Word, y: Self::Word) -> u32;
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
