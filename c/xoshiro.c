/* xoshiro256++ (Blackman and Vigna), in blocks of 65536 samples made by 16 interleaved lanes.
 *
 * Lane l of block b starts from words 64 b + 4 l .. 64 b + 4 l + 3 of SplitMix64 (Steele, Lea and
 * Flood). Sample 65536 b + t is output t / 16 of lane t mod 16; its low 32 bits are x and its high
 * 32 bits are y, both signed, and it is a hit if x^2 + y^2 < 2^62 in integers.
 */
#include "kernels.h"

#define LANES 16
#define BLOCK 65536
#ifndef WIDTH
#define WIDTH 8
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

/* 1 if the sample is outside the circle; the sum is at most 2^63, so adding 2^62 never wraps. */
static inline uint64_t miss(uint64_t output) {
    int64_t x = (int32_t)output, y = (int32_t)(output >> 32);
    return ((uint64_t)(x * x) + (uint64_t)(y * y) + ((uint64_t)1 << 62)) >> 63;
}

static void start(state *s, uint64_t seed, uint64_t block, uint64_t lane) {
    for (int l = 0; l < WIDTH; l++) {
        uint64_t k = 64 * block + 4 * (lane + (uint64_t)l);
        s->s0[l] = splitmix64(seed, k);
        s->s1[l] = splitmix64(seed, k + 1);
        s->s2[l] = splitmix64(seed, k + 2);
        s->s3[l] = splitmix64(seed, k + 3);
    }
}

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

/* Hits of WIDTH lanes in a whole block. */
static uint64_t whole(uint64_t seed, uint64_t block, uint64_t lane) {
    state s;
    uint64_t misses[WIDTH] = {0}, hits = WIDTH * (BLOCK / LANES);
    start(&s, seed, block, lane);
    for (int row = 0; row < BLOCK / LANES; row++)
        for (int l = 0; l < WIDTH; l++)
            misses[l] += miss(next(&s, l));
    for (int l = 0; l < WIDTH; l++)
        hits -= misses[l];
    return hits;
}

/* Hits of WIDTH lanes among the samples [from, to) of a block. */
static uint64_t part(uint64_t seed, uint64_t block, uint64_t lane, uint64_t from, uint64_t to) {
    state s;
    uint64_t hits = 0;
    start(&s, seed, block, lane);
    for (uint64_t t = lane; t < to; t += LANES)
        for (int l = 0; l < WIDTH; l++) {
            uint64_t inside = 1 - miss(next(&s, l)), sample = t + (uint64_t)l;
            hits += inside & (sample >= from) & (sample < to);
        }
    return hits;
}

uint64_t LIBPI_KERNEL(xoshiro, c, LIBPI_LEVEL)(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0, block = first / BLOCK, from = first % BLOCK;
    for (uint64_t left = count; left > 0; block++, from = 0) {
        uint64_t samples = left < BLOCK - from ? left : BLOCK - from;
        for (uint64_t lane = 0; lane < LANES; lane += WIDTH)
            hits += samples == BLOCK ? whole(seed, block, lane)
                                     : part(seed, block, lane, from, from + samples);
        left -= samples;
    }
    return hits;
}
