/* The 16 lanes of xoshiro256++, step by step: what the plain kernel and the one vectorised by hand
 * share. */
#ifndef LIBPI_XOSHIRO_H
#define LIBPI_XOSHIRO_H

#include "hit_test.h"

#define LANES 16
#define BLOCK 65536

/* The number of neighbouring lanes in a state. */
#ifndef WIDTH
#define WIDTH LANES
#endif

typedef struct {
    uint64_t s0[WIDTH], s1[WIDTH], s2[WIDTH], s3[WIDTH];
} state;

static inline uint64_t splitmix64(uint64_t seed, uint64_t k) {
    uint64_t z = seed + (k + 1) * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* Starts the lanes from number `lane` of a block on. */
static void start(state *s, uint64_t seed, uint64_t block, int lane) {
    for (int l = 0; l < WIDTH; l++) {
        uint64_t k = 64 * block + 4 * (uint64_t)(lane + l);
        s->s0[l] = splitmix64(seed, k);
        s->s1[l] = splitmix64(seed, k + 1);
        s->s2[l] = splitmix64(seed, k + 2);
        s->s3[l] = splitmix64(seed, k + 3);
    }
}

/* The next output of lane l of the state. */
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

/* 1 if the point of an output is outside the circle, else 0. */
static inline uint64_t miss_of(uint64_t output) {
    return miss((uint32_t)output, (uint32_t)(output >> 32));
}

/* Counts the hits among `count` samples of a block, from its sample `from` on. The lanes run from
 * the block's start. The file that includes this defines it. */
static uint64_t block_hits(uint64_t seed, uint64_t block, uint64_t from, uint64_t count);

/* Counts the hits of a range. */
static uint64_t walk_blocks(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0, block = first / BLOCK, from = first % BLOCK;
    for (uint64_t left = count; left > 0; block++, from = 0) {
        uint64_t samples = left < BLOCK - from ? left : BLOCK - from;
        hits += block_hits(seed, block, from, samples);
        left -= samples;
    }
    return hits;
}

#endif
