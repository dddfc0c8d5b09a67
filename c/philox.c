/* Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC11), the counter-based generator.
 *
 * Block b is made from the counter (b low, b high, 0, 0) and the key (seed low, seed high) by ten
 * rounds. Its four words are two points (x, y): the samples 2b and 2b + 1. Words are signed, and a
 * sample is a hit if x^2 + y^2 < 2^62 in integers.
 */
#include "kernels.h"

/* Blocks made together. Every step is a loop over this many lanes, long enough for gcc to keep it
 * as a loop and vectorise it: it takes short ones apart first and then does worse. */
#define LANES 64

/* SSE2 alone has neither a signed 32 x 32 -> 64 multiplication nor a 32-bit one. */
#if defined __SSE2__ && !defined __SSE4_1__
#define ONLY_WIDE_UNSIGNED 1
#endif

#define M0 0xD2511F53u
#define M1 0xCD9E8D57u
#define W0 0x9E3779B9u
#define W1 0xBB67AE85u

/* The low half of product = a * b, from a multiplication of its own where that vectorises. */
static inline uint32_t low(uint64_t product, uint32_t a, uint32_t b) {
#ifdef ONLY_WIDE_UNSIGNED
    (void)a, (void)b;
    return (uint32_t)product;
#else
    (void)product;
    return a * b;
#endif
}

/* The square of a word read as a signed number. */
static inline uint64_t square(uint32_t word) {
#ifdef ONLY_WIDE_UNSIGNED
    uint32_t sign = 0 - (word >> 31);
    uint64_t magnitude = (word ^ sign) - sign;
    return magnitude * magnitude;
#else
    int64_t value = (int32_t)word;
    return (uint64_t)(value * value);
#endif
}

/* 1 outside the circle, else 0: the squares add up to at most 2^63, so this never wraps. */
static inline uint64_t miss(uint32_t x, uint32_t y) {
    return (square(x) + square(y) + ((uint64_t)1 << 62)) >> 63;
}

/* The misses among the 2 LANES samples of LANES blocks. Word by word, so that each of the four
 * arrays is a few vector registers. */
static inline uint64_t misses(uint64_t seed, uint64_t block) {
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint64_t total = 0;
    for (int l = 0; l < LANES; l++) {
        uint64_t b = block + (uint64_t)l;
        c0[l] = (uint32_t)b;
        c1[l] = (uint32_t)(b >> 32);
        c2[l] = c3[l] = 0;
    }
#ifndef __clang__ /* which unrolls without being told, and warns of the pragma */
#pragma GCC unroll 10
#endif
    for (int round = 0; round < 10; round++) {
        for (int l = 0; l < LANES; l++) {
            uint64_t p0 = (uint64_t)c0[l] * M0, p1 = (uint64_t)c2[l] * M1;
            uint32_t l0 = low(p0, c0[l], M0), l1 = low(p1, c2[l], M1);
            c0[l] = (uint32_t)(p1 >> 32) ^ c1[l] ^ k0;
            c1[l] = l1;
            c2[l] = (uint32_t)(p0 >> 32) ^ c3[l] ^ k1;
            c3[l] = l0;
        }
        k0 += W0;
        k1 += W1;
    }
    for (int l = 0; l < LANES; l++)
        total += miss(c0[l], c1[l]) + miss(c2[l], c3[l]);
    return total;
}

/* One sample, for the edges of a range, which would spoil the loop over lanes. */
static uint64_t hit(uint64_t seed, uint64_t sample) {
    uint64_t block = sample / 2;
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)c0 * M0, p1 = (uint64_t)c2 * M1;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += W0;
        k1 += W1;
    }
    return 1 - (sample % 2 == 0 ? miss(c0, c1) : miss(c2, c3));
}

uint64_t LIBPI_KERNEL(philox, c, LIBPI_LEVEL)(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0, left = count;
    if (left > 0 && first % 2 == 1) {
        hits += hit(seed, first++);
        left--;
    }
    for (; left >= 2 * LANES; left -= 2 * LANES, first += 2 * LANES)
        hits += 2 * LANES - misses(seed, first / 2);
    for (; left > 0; left--)
        hits += hit(seed, first++);
    return hits;
}
