/* xoshiro256++ (Blackman and Vigna), in blocks of 65536 samples made by 16 interleaved lanes.
 *
 * Lane l of block b starts from words 64 b + 4 l .. 64 b + 4 l + 3 of SplitMix64 (Steele, Lea and
 * Flood). Sample 65536 b + t is output t / 16 of lane t mod 16. The low 32 bits of the output are x
 * and its high 32 bits are y, both signed. The sample is a hit if x^2 + y^2 < 2^62 in integers.
 */
/* WIDTH lanes of a whole block run together. gcc is faster with half of the lanes. It unrolls their
 * loop before it can vectorise it, unless the pragma keeps the loop. */
#if defined __SSE2__ && !defined __AVX512DQ__ && !defined __clang__
#define WIDTH 8
#define LANE_LOOP _Pragma("GCC unroll 1")
#else
#define LANE_LOOP
#endif

#include "xoshiro.h"
#include "kernels.h"

/* Counts the hits of all samples of a block. */
static uint64_t whole(uint64_t seed, uint64_t block) {
    uint64_t hits = BLOCK;
    for (int lane = 0; lane < LANES; lane += WIDTH) {
        state s;
        uint64_t misses[WIDTH] = {0};
        start(&s, seed, block, lane);
        for (int row = 0; row < BLOCK / LANES; row++) {
            LANE_LOOP
            for (int l = 0; l < WIDTH; l++)
                misses[l] += miss_of(next(&s, l));
        }
        for (int l = 0; l < WIDTH; l++)
            hits -= misses[l];
    }
    return hits;
}

/* Counts the hits among the samples [from, to) of a block. The lanes run from the block's start. */
static uint64_t part(uint64_t seed, uint64_t block, uint64_t from, uint64_t to) {
    uint64_t hits = 0;
    for (int lane = 0; lane < LANES; lane += WIDTH) {
        state s;
        start(&s, seed, block, lane);
        for (uint64_t row = 0; row < to; row += LANES) {
            for (int l = 0; l < WIDTH; l++) {
                uint64_t t = row + (uint64_t)(lane + l), inside = 1 - miss_of(next(&s, l));
                hits += from <= t && t < to ? inside : 0;
            }
        }
    }
    return hits;
}

static uint64_t block_hits(uint64_t seed, uint64_t block, uint64_t from, uint64_t count) {
    return count == BLOCK ? whole(seed, block) : part(seed, block, from, from + count);
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    return walk_blocks(seed, first, count);
}
