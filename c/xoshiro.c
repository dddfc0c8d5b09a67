/* xoshiro256++ in blocks of 65536 samples, made by 16 interleaved lanes that SplitMix64 seeds.
 *
 * Sources: Blackman, Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021;
 * Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. Lane l of block
 * b starts with SplitMix64's outputs 64b + 4l + 0..3; sample 65536 b + t is output t / 16 of lane
 * t mod 16: x its low and y its high 32 bits, signed, a hit when x^2 + y^2 < 2^62. */
#include "kernels.h"

enum {
    LANES = 16,
    BLOCK = 65536,
    ROWS = BLOCK / LANES,
    WIDTH = 8, /* lanes that go side by side */
};

typedef struct {
    uint64_t s0, s1, s2, s3;
} state;

/* Output number k, from 0, of SplitMix64. */
static inline uint64_t splitmix(uint64_t seed, uint64_t k) {
    uint64_t z = seed + (k + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t rotate_left(uint64_t word, int bits) {
    return word << bits | word >> (64 - bits);
}

static inline state start(uint64_t seed, uint64_t block, uint64_t lane) {
    uint64_t k = 4 * (LANES * block + lane);
    return (state){splitmix(seed, k), splitmix(seed, k + 1), splitmix(seed, k + 2),
                   splitmix(seed, k + 3)};
}

/* 1 if a point is not in the circle, else 0. The sum is at most 2^63: adding 2^62 carries into the
 * top bit. */
static inline uint64_t is_miss(uint64_t point) {
    int64_t x = (int32_t)point;
    int64_t y = (int32_t)(point >> 32);
    return ((uint64_t)(x * x) + (uint64_t)(y * y) + (UINT64_C(1) << 62)) >> 63;
}

/* Hits of all samples of a block. */
static uint64_t whole_block(uint64_t seed, uint64_t block) {
    uint64_t hits = BLOCK;
    for (uint64_t group = 0; group < LANES; group += WIDTH) {
        uint64_t s0[WIDTH], s1[WIDTH], s2[WIDTH], s3[WIDTH], misses[WIDTH] = {0};
        for (uint64_t l = 0; l < WIDTH; l++) {
            state s = start(seed, block, group + l);
            s0[l] = s.s0;
            s1[l] = s.s1;
            s2[l] = s.s2;
            s3[l] = s.s3;
        }
        for (int row = 0; row < ROWS; row++) {
            for (int l = 0; l < WIDTH; l++) {
                misses[l] += is_miss(rotate_left(s0[l] + s3[l], 23) + s0[l]);
                uint64_t shifted = s1[l] << 17;
                s2[l] ^= s0[l];
                s3[l] ^= s1[l];
                s1[l] ^= s2[l];
                s0[l] ^= s3[l];
                s2[l] ^= shifted;
                s3[l] = rotate_left(s3[l], 45);
            }
        }
        for (int l = 0; l < WIDTH; l++) {
            hits -= misses[l];
        }
    }
    return hits;
}

/* The next output of a lane. */
static inline uint64_t next(state *s) {
    uint64_t output = rotate_left(s->s0 + s->s3, 23) + s->s0;
    uint64_t shifted = s->s1 << 17;
    s->s2 ^= s->s0;
    s->s3 ^= s->s1;
    s->s1 ^= s->s2;
    s->s0 ^= s->s3;
    s->s2 ^= shifted;
    s->s3 = rotate_left(s->s3, 45);
    return output;
}

/* Hits of the samples [from, to) of a block; those before them are made and discarded. */
static uint64_t part_of_block(uint64_t seed, uint64_t block, uint64_t from, uint64_t to) {
    uint64_t hits = to - from;
    for (uint64_t lane = 0; lane < LANES; lane++) {
        state s = start(seed, block, lane);
        for (uint64_t t = lane; t < to; t += LANES) {
            uint64_t miss = is_miss(next(&s));
            hits -= t >= from ? miss : 0;
        }
    }
    return hits;
}

uint64_t LIBPI_KERNEL(xoshiro, c, LIBPI_LEVEL)(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    uint64_t block = first / BLOCK;
    uint64_t from = first % BLOCK;
    while (count > 0) {
        uint64_t samples = count < BLOCK - from ? count : BLOCK - from;
        hits += samples == BLOCK ? whole_block(seed, block)
                                 : part_of_block(seed, block, from, from + samples);
        count -= samples;
        block++;
        from = 0;
    }
    return hits;
}
