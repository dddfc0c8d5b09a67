/* xoshiro256++ in blocks, vectorised by hand. xoshiro.c says what it computes. */
#include "kernels.h"
#include "simd.h"
#include "xoshiro.h"

/* The number of vectors that are stepped together. The words of their states fill 8 registers with
 * AVX2 and AVX-512, and 16 of 32 with NEON. With AVX2 and NEON the 16 lanes take two passes. */
#define VECTORS (LANES64 == 2 ? 4 : 2)

/* The states of LANES64 lanes. */
typedef struct {
    vec s0, s1, s2, s3;
} states;

INLINE states load(const state *s, int lane) {
    return (states){load64(s->s0 + lane), load64(s->s1 + lane), load64(s->s2 + lane),
                    load64(s->s3 + lane)};
}

INLINE void store(state *s, int lane, states v) {
    store64(s->s0 + lane, v.s0);
    store64(s->s1 + lane, v.s1);
    store64(s->s2 + lane, v.s2);
    store64(s->s3 + lane, v.s3);
}

/* The next outputs of the lanes. Where xor3 is two operations, they share xor(s2, s0) and
 * xor(s3, s1). */
INLINE vec next_outputs(states *s) {
    const states old = *s;
    s->s0 = xor3(old.s0, old.s3, old.s1);
    s->s1 = xor3(old.s1, old.s2, old.s0);
    s->s2 = xor3(shift_left(old.s1, 17), old.s2, old.s0);
    s->s3 = rotate_left(xor(old.s3, old.s1), 45);
    return add64(rotate_left(add64(old.s0, old.s3), 23), old.s0);
}

/* Counts the hits in rows of one output of each lane. */
ALIGN_STACK static uint64_t rows_hits(state *s, uint64_t rows) {
    uint64_t all_misses = 0;
    for (int lane = 0; lane < LANES; lane += VECTORS * LANES64) {
        states v[VECTORS];
        UNROLL
        for (int i = 0; i < VECTORS; i++)
            v[i] = load(s, lane + i * LANES64);
        for (uint64_t row = 0; row < rows; row++) {
            UNROLL
            for (int i = 0; i < VECTORS; i += 2) {
                vec a = next_outputs(&v[i]), b = next_outputs(&v[i + 1]);
                all_misses += misses_in_pairs(a, b);
            }
        }
        UNROLL
        for (int i = 0; i < VECTORS; i++)
            store(s, lane + i * LANES64, v[i]);
    }
    return LANES * rows - all_misses;
}

/* Steps all lanes once and counts the hits among the outputs of the lanes [from, to). */
static uint64_t row_hits(state *s, uint64_t from, uint64_t to) {
    uint64_t hits = 0;
    for (uint64_t l = 0; l < LANES; l++) {
        uint64_t inside = 1 - miss_of(next(s, (int)l));
        hits += from <= l && l < to ? inside : 0;
    }
    return hits;
}

static uint64_t block_hits(uint64_t seed, uint64_t block, uint64_t from, uint64_t count) {
    state s;
    uint64_t hits = 0, lane = from % LANES;
    start(&s, seed, block, 0);
    rows_hits(&s, from / LANES);
    if (lane > 0) {
        uint64_t in_row = count < LANES - lane ? count : LANES - lane;
        hits += row_hits(&s, lane, lane + in_row);
        count -= in_row;
    }
    hits += rows_hits(&s, count / LANES);
    return hits + row_hits(&s, 0, count % LANES);
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    return walk_blocks(seed, first, count);
}
