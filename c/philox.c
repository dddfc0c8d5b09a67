/* Philox4x32-10: a block cipher in counter mode, two samples a block.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11. Block b
 * has the counter (b low, b high, 0, 0) and the key (seed low, seed high). Sample i belongs to block
 * i / 2: the words 0 and 1 are its point if i is even, 2 and 3 if odd. Words are signed; a point is a
 * hit when x^2 + y^2 < 2^62. */
#include "kernels.h"

/* A loop over lanes that gcc unrolls early is no loop to it any more and stays scalar. */
#if defined(__GNUC__) && !defined(__clang__)
#define OVER_LANES(l, lanes) _Pragma("GCC unroll 1") for (int l = 0; l < (lanes); l++)
#else
#define OVER_LANES(l, lanes) for (int l = 0; l < (lanes); l++)
#endif

enum {
    LANES = 8, /* blocks that go side by side */
};


/* 1 if a point is not in the circle, else 0. The sum is at most 2^63: adding 2^62 carries into the
 * top bit. */
static inline uint64_t is_miss(uint32_t x_word, uint32_t y_word) {
    int64_t x = (int32_t)x_word;
    int64_t y = (int32_t)y_word;
    return ((uint64_t)(x * x) + (uint64_t)(y * y) + (UINT64_C(1) << 62)) >> 63;
}

static inline uint32_t high(uint32_t a, uint32_t b) {
    return (uint32_t)((uint64_t)a * b >> 32);
}

/* Hits of groups of LANES whole blocks. */
static uint64_t groups_hits(uint64_t seed, uint64_t block, uint64_t groups) {
    uint64_t misses[LANES] = {0};
    for (uint64_t group = 0; group < groups; group++) {
        uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
        uint32_t w0[LANES], w1[LANES], w2[LANES], w3[LANES];
        for (uint64_t l = 0; l < LANES; l++) {
            w0[l] = (uint32_t)(block + l);
            w1[l] = (uint32_t)((block + l) >> 32);
            w2[l] = 0;
            w3[l] = 0;
        }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 10
#endif
        for (int round = 0; round < 10; round++) {
            OVER_LANES(l, LANES) {
                uint32_t high0 = high(w0[l], 0xD2511F53), low0 = w0[l] * 0xD2511F53;
                uint32_t high1 = high(w2[l], 0xCD9E8D57), low1 = w2[l] * 0xCD9E8D57;
                w0[l] = high1 ^ w1[l] ^ key0;
                w1[l] = low1;
                w2[l] = high0 ^ w3[l] ^ key1;
                w3[l] = low0;
            }
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        OVER_LANES(l, LANES) {
            misses[l] += is_miss(w0[l], w1[l]) + is_miss(w2[l], w3[l]);
        }
        block += LANES;
    }
    uint64_t hits = 2 * LANES * groups;
    OVER_LANES(l, LANES) {
        hits -= misses[l];
    }
    return hits;
}

/* Hits of a few samples. Apart, as scalar code beside the loops over lanes makes those slow. */
static uint64_t edge(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = count;
    for (uint64_t i = first; count > 0; i++, count--) {
        uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
        uint32_t w0 = (uint32_t)(i / 2), w1 = (uint32_t)(i / 2 >> 32), w2 = 0, w3 = 0;
        for (int round = 0; round < 10; round++) {
            uint32_t high0 = high(w0, 0xD2511F53), low0 = w0 * 0xD2511F53;
            uint32_t high1 = high(w2, 0xCD9E8D57), low1 = w2 * 0xCD9E8D57;
            w0 = high1 ^ w1 ^ key0;
            w1 = low1;
            w2 = high0 ^ w3 ^ key1;
            w3 = low0;
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        hits -= i % 2 == 0 ? is_miss(w0, w1) : is_miss(w2, w3);
    }
    return hits;
}

uint64_t LIBPI_KERNEL(philox, c, LIBPI_LEVEL)(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t head = first % 2 < count ? first % 2 : count;
    uint64_t groups = (count - head) / (2 * LANES);
    uint64_t body = 2 * LANES * groups;
    return edge(seed, first, head) + groups_hits(seed, (first + head) / 2, groups) +
           edge(seed, first + head + body, count - head - body);
}
