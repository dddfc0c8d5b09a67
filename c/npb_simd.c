/* NPB's pi count, vectorised by hand. npb.c says what it computes, and what rows, columns and
 * differences are.
 *
 * A point is decided by the top words of its states, in floats. If a point is so near to the circle
 * that floats could be wrong, its neighbourhood is counted again one by one, in doubles. SAMPLER.md
 * proves how near that is.
 *
 * The top words need no others. The states in a column differ by d, and the differences by dd. As a
 * state is a multiple of 2^18 and D of 2^16, d is a multiple of 2^34 and dd of 2^50. So no step
 * carries into the top words.
 */
#include "kernels.h"
#include "simd.h"

#define LANES (2 * LANES32)
#include "npb_columns.h"

#define CHUNK 64 /* rows that are counted again together */

/* x^2 + y^2 - 2^62 in floats may have the wrong sign if it is at most this far from 0: 62 * 2^34.
 */
#define BAND 0x3Ep34f

/* The top words of the states in LANES32 columns, and of the differences to the next rows. The top
 * bit of a state is inverted, so that the word is the coordinate as a signed number. */
typedef struct {
    vec t, d, dd;
} column;

typedef struct {
    column x, y;
} points;

static inline column column_from(const uint64_t t[LANES32], uint64_t D) {
    uint32_t top[LANES32], d[LANES32], dd[LANES32];
    for (int l = 0; l < LANES32; l++) {
        top[l] = (uint32_t)(t[l] >> 32) ^ 0x80000000;
        d[l] = (uint32_t)(t[l] >> 16) * (uint32_t)(D >> 16);
        dd[l] = d[l] * (uint32_t)D;
    }
    return (column){load32(top), load32(d), load32(dd)};
}

/* Goes on to the next row. */
INLINE void step(column *c) {
    c->t = add32(c->t, c->d);
    c->d = add32(c->d, c->dd);
}

/* The hits so far if floats are right, and how near the points have come to the circle. */
typedef struct {
    uint64_t hits;
    floats nearest;
} tally;

/* Counts the points in a row. Goes on to the next row. */
INLINE void count_row(points *p, tally *t) {
    floats beyond = beyond_circle(p->x.t, p->y.t);
    t->hits += negative(beyond);
    t->nearest = smaller(t->nearest, beyond);
    step(&p->x);
    step(&p->y);
}

ALIGN_STACK static uint64_t walk(const uint64_t tx[LANES], const uint64_t ty[LANES],
                                 uint64_t rows) {
    const uint64_t a = power(MULTIPLIER, 2 * COLUMNS); /* the step to the next row */
    points left = {column_from(tx, a - 1), column_from(ty, a - 1)};
    points right = {column_from(tx + LANES32, a - 1), column_from(ty + LANES32, a - 1)};
    uint64_t hits = 0;
    for (uint64_t row = 0; row < rows; row += CHUNK) {
        uint64_t end = rows - row < CHUNK ? rows : row + CHUNK;
        tally t = {0, splat_float(0x1p62f)};
        UNROLL_BY_TWO /* else clang moves vectors from register to register */
            for (uint64_t r = row; r < end; r++) {
            count_row(&left, &t);
            count_row(&right, &t);
        }
        if (any_within(t.nearest, BAND)) {
            t.hits = 0;
            for (uint64_t r = row; r < end; r++)
                t.hits += few(tx[0] * power(a, r), LANES);
        }
        hits += t.hits;
    }
    return hits;
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    return walk_columns(seed, first, count);
}
