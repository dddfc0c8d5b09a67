/* Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC11), the counter-based generator.
 *
 * Ten rounds turn the counter (b low, b high, 0, 0) and the key (seed low, seed high) into the four
 * words of block b. The words are two points (x, y), the samples 2b and 2b + 1. Words are read as
 * signed numbers, and a sample is a hit if x^2 + y^2 < 2^62 in integers.
 */
#include "philox.h"
#include "kernels.h"

/* gcc makes a 64-bit product of 32-bit lanes by AVX2 with more shuffles than products. */
#if defined __AVX2__ && !defined __AVX512DQ__ && !defined __clang__
#define PRODUCT_OF_HALVES 1
#endif

/* LANES blocks are made together, and every step is a loop over the lanes. Compilers unroll short
 * loops before they can vectorise them, so the loops must be long enough to stay loops. For SSE2
 * gcc is faster with few lanes, and the pragma keeps their loops. AVX-512 multiplies 64-bit lanes:
 * there a word is the low half of a lane, and the high half may hold anything. */
#ifdef __AVX512DQ__
typedef uint64_t lane;
#define LANES 32
#else
typedef uint32_t lane;
#ifdef PRODUCT_OF_HALVES
#define LANES 32
#elif defined ONLY_WIDE_UNSIGNED && !defined __clang__
#define LANES 8
#define LANE_LOOP _Pragma("GCC unroll 1")
#else
#define LANES 64
#endif
#endif
#ifndef LANE_LOOP
#define LANE_LOOP
#endif

/* Vectors that cross a cache line would cost up to half of the speed. */
#define ALIGNED _Alignas(64)

static inline uint64_t product(lane word, uint32_t factor) {
    return (uint64_t)(uint32_t)word * factor;
}

/* The high word of the product. */
static inline lane high(lane word, uint32_t factor) {
#ifdef PRODUCT_OF_HALVES
    /* The product is built from products of 16-bit halves, which never overflow. */
    uint32_t a0 = word & 0xFFFF, a1 = word >> 16, b0 = factor & 0xFFFF, b1 = factor >> 16;
    uint32_t middle = a1 * b0 + (a0 * b0 >> 16), carry = a0 * b1 + (middle & 0xFFFF);
    return a1 * b1 + (middle >> 16) + (carry >> 16);
#else
    return (lane)(product(word, factor) >> 32);
#endif
}

/* The low word of the product. If the CPU can multiply 32-bit lanes, this is a multiplication of
 * its own. */
static inline lane low(lane word, uint32_t factor) {
#if defined ONLY_WIDE_UNSIGNED || defined __AVX512DQ__
    return (lane)product(word, factor);
#else
    return word * factor;
#endif
}

/* Adds the misses among the 2 LANES samples of LANES blocks. Each array holds one word of all
 * blocks, so that it fits into a few vector registers. */
static inline void count_misses(uint64_t seed, uint64_t block, uint64_t misses[LANES]) {
    ALIGNED lane c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    LANE_LOOP
    for (int l = 0; l < LANES; l++) {
        uint64_t b = block + (uint64_t)l;
        c0[l] = (lane)b;
        c1[l] = (lane)(b >> 32);
        c2[l] = c3[l] = 0;
    }
#ifndef __clang__ /* clang unrolls without the pragma, and warns about it */
#pragma GCC unroll 10
#endif
    for (int round = 0; round < 10; round++) {
        LANE_LOOP
        for (int l = 0; l < LANES; l++) {
            lane high0 = high(c0[l], M0), low0 = low(c0[l], M0);
            lane high1 = high(c2[l], M1), low1 = low(c2[l], M1);
            c0[l] = high1 ^ c1[l] ^ k0;
            c1[l] = low1;
            c2[l] = high0 ^ c3[l] ^ k1;
            c3[l] = low0;
        }
        k0 += W0;
        k1 += W1;
    }
    LANE_LOOP
    for (int l = 0; l < LANES; l++)
        misses[l] +=
            miss((uint32_t)c0[l], (uint32_t)c1[l]) + miss((uint32_t)c2[l], (uint32_t)c3[l]);
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    ALIGNED uint64_t misses[LANES] = {0};
    uint64_t hits = 0, left = count;
    if (left > 0 && first % 2 == 1) {
        hits += hit(seed, first++);
        left--;
    }
    for (; left >= 2 * LANES; left -= 2 * LANES, first += 2 * LANES) {
        count_misses(seed, first / 2, misses);
        hits += 2 * LANES;
    }
    for (int l = 0; l < LANES; l++)
        hits -= misses[l];
    return hits + edge(seed, first, left);
}
