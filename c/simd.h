/* The vectors of the CPU, for the kernels that are vectorised by hand. Each set of vectors defines
 * the same few operations with its own intrinsics, and a kernel is written once for all of them:
 *
 *   vec                        a vector register, which holds words or 64-bit numbers
 *   LANES32, LANES64           its numbers of 32 and of 64 bits
 *   WORDS                      the words that philox keeps in a vector
 *   splat, counting_from       a word in all lanes; the words n, n + 1, ... mod 2^32
 *   xor, xor3                  the exclusive or of two or three vectors
 *   product                    the 64-bit products of two vectors of unsigned words
 *   high, low, low_in_order    the high and the low words of products
 *   misses                     counts the points outside of the circle: words x and words y
 *   load32, add32              words
 *   load64, store64, add64     numbers of 64 bits
 *   shift_left, rotate_left    numbers of 64 bits, by a constant
 *   misses_in_pairs            counts the points outside of the circle: numbers of y above x
 *   beyond_circle              x^2 + y^2 - 2^62 of signed words, in floats
 *   negative                   counts the negative floats
 *   smaller                    the smaller ones of floats and the absolute values of floats
 *   any_within                 whether one of the floats is at most a limit
 *
 * `high` and `low` may move words to other lanes: the order of the lanes becomes the other one of
 * two orders. All other operations keep the order.
 */
#ifndef LIBPI_SIMD_H
#define LIBPI_SIMD_H

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/* Unrolls the next loop completely, so that the vectors of its turns stay in registers, or by two.
 */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#define UNROLL_BY_TWO _Pragma("unroll 2")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define UNROLL_BY_TWO _Pragma("GCC unroll 2")
#endif

/* A function that keeps vectors on the stack. Without this, clang does not align them, and half of
 * them may cross cache lines, which costs up to a third of the speed. */
#if defined __clang__ && defined __x86_64__
#define ALIGN_STACK __attribute__((noinline, force_align_arg_pointer))
#else
#define ALIGN_STACK
#endif

/* The number of ones in a mask. The empty assembly keeps clang from gathering masks in a vector to
 * count their ones there, which is slower. */
INLINE uint32_t ones(uint32_t mask) {
    __asm__("" : "+r"(mask));
    return (uint32_t)__builtin_popcount(mask);
}

#if defined __AVX512F__
#include "simd/avx512.h"
#elif defined __AVX2__
#include "simd/avx2.h"
#elif defined __ARM_NEON
#include "simd/neon.h"
#else
#error "there are vectors for AVX2, AVX-512 and NEON only"
#endif

#endif
