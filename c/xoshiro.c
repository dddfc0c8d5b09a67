/* xoshiro256++ (Blackman and Vigna), in blocks of 65536 samples made by 16 interleaved lanes.
 *
 * Lane l of block b starts from words 64 b + 4 l .. 64 b + 4 l + 3 of SplitMix64 (Steele, Lea and
 * Flood). Sample 65536 b + t is output t / 16 of lane t mod 16. The low 32 bits of the output are x
 * and its high 32 bits are y, both signed. The sample is a hit if x^2 + y^2 < 2^62 in integers.
 */
#include "kernels.h"

#define LANES 16
#define BLOCK 65536

typedef struct {
    uint64_t s0[LANES], s1[LANES], s2[LANES], s3[LANES];
} state;

static inline uint64_t splitmix64(uint64_t seed, uint64_t k) {
    uint64_t z = seed + (k + 1) * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* The square of a word read as a signed number. */
static inline uint64_t square(uint32_t word) {
#if defined __SSE2__ && !defined __SSE4_1__ /* no signed 32 x 32 -> 64 multiplication */
    uint32_t sign = 0 - (word >> 31);
    uint64_t magnitude = (word ^ sign) - sign;
    return magnitude * magnitude;
#else
    int64_t value = (int32_t)word;
    return (uint64_t)(value * value);
#endif
}

/* 1 outside the circle, else 0. The sum of squares is at most 2^63, so the additions never wrap. */
static inline uint64_t miss(uint64_t output) {
    uint32_t x = (uint32_t)output, y = (uint32_t)(output >> 32);
    return (square(x) + square(y) + ((uint64_t)1 << 62)) >> 63;
}

static void start(state *s, uint64_t seed, uint64_t block) {
    for (int l = 0; l < LANES; l++) {
        uint64_t k = 64 * block + 4 * (uint64_t)l;
        s->s0[l] = splitmix64(seed, k);
        s->s1[l] = splitmix64(seed, k + 1);
        s->s2[l] = splitmix64(seed, k + 2);
        s->s3[l] = splitmix64(seed, k + 3);
    }
}

/* The next output of lane l. */
static inline uint64_t next(state *s, int l) {
    uint64_t output = rotl(s->s0[l] + s->s3[l], 23) + s->s0[l];
    uint64_t t = s->s1[l] << 17;
    s->s2[l] ^= s->s0[l];
    s->s3[l] ^= s->s1[l];
    s->s1[l] ^= s->s2[l];
    s->s0[l] ^= s->s3[l];
    s->s2[l] ^= t;
    s->s3[l] = rotl(s->s3[l], 45);
    return output;
}

/* Counts the hits of all samples of a block. */
static uint64_t whole(uint64_t seed, uint64_t block) {
    state s;
    uint64_t misses[LANES] = {0}, hits = BLOCK;
    start(&s, seed, block);
    for (int row = 0; row < BLOCK / LANES; row++)
        for (int l = 0; l < LANES; l++)
            misses[l] += miss(next(&s, l));
    for (int l = 0; l < LANES; l++)
        hits -= misses[l];
    return hits;
}

/* Counts the hits among the samples [from, to) of a block. The lanes run from the block's start. */
static uint64_t part(uint64_t seed, uint64_t block, uint64_t from, uint64_t to) {
    state s;
    uint64_t hits = 0;
    start(&s, seed, block);
    for (uint64_t t = 0; t < to; t++) {
        uint64_t inside = 1 - miss(next(&s, (int)(t % LANES)));
        hits += t < from ? 0 : inside;
    }
    return hits;
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0, block = first / BLOCK, from = first % BLOCK;
    for (uint64_t left = count; left > 0; block++, from = 0) {
        uint64_t samples = left < BLOCK - from ? left : BLOCK - from;
        hits += samples == BLOCK ? whole(seed, block) : part(seed, block, from, from + samples);
        left -= samples;
    }
    return hits;
}
