/* NPB's pi count, vectorised by hand. npb.c says what it computes, and what rows, columns and
 * differences are.
 *
 * A point is decided by the top 32 bits of its states, in floats. If x^2 + y^2 is so near to 1 that
 * floats could be wrong, the samples are counted again one by one, in doubles. SAMPLER.md proves
 * how near that is.
 *
 * The top 32 bits need no others. The states t in a column differ by d, and the differences by dd.
 * As D is a multiple of 2^16 and t of 2^18, d is a multiple of 2^34 and dd of 2^50. So no step
 * carries into the top 32 bits.
 */
#include "kernels.h"
#include "npb.h"
#include "simd.h"

#define LANES (2 * LANES32) /* neighbouring columns that are walked together */
#define COLUMNS 8192

/* The floats x^2 + y^2, as bits, that decide nothing. x and y are in units of 2^-31, so the circle
 * is at 2^62, which is 0x5E800000. The floats from 4 before it to 2 after it are in the band. */
#define BAND_START (0x5E800000u - 4)
#define BAND_WIDTH 7

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

/* Where points are: below 0 inside of the circle, from 0 on in the band, from BAND_WIDTH on outside
 * of the circle. */
INLINE vec position(vec x, vec y) { return sub32(norms(x, y), splat(BAND_START)); }

/* The positions of the points in a row. Goes on to the next row. */
INLINE vec next_positions(points *p) {
    vec here = position(p->x.t, p->y.t);
    step(&p->x);
    step(&p->y);
    return here;
}

/* How many points are hits for certain, and how many may be. */
typedef struct {
    uint32_t least, most;
} hit_range;

INLINE hit_range hits_at(vec a, vec b, vec c, vec d) {
    bytes positions = narrow(a, b, c, d);
    return (hit_range){negative(positions), negative(sub8(positions, BAND_WIDTH))};
}

/* Counts the hits in `rows` rows of LANES columns; tx and ty are the states of the first row. */
ALIGN_STACK static uint64_t walk(const uint64_t tx[LANES], const uint64_t ty[LANES],
                                 uint64_t rows) {
    const uint64_t a = power(MULTIPLIER, 2 * COLUMNS);
    points left = {column_from(tx, a - 1), column_from(ty, a - 1)};
    points right = {column_from(tx + LANES32, a - 1), column_from(ty + LANES32, a - 1)};
    uint64_t hits = 0;
    for (uint64_t row = 0; row + 1 < rows; row += 2) {
        vec first = next_positions(&left), second = next_positions(&right);
        hit_range found = hits_at(first, second, next_positions(&left), next_positions(&right));
        hits += found.least;
        if (found.least != found.most) { /* rare: about once in 2 million points */
            uint64_t t = tx[0] * power(a, row);
            hits += few(t, LANES) + few(t * a, LANES) - found.least;
        }
    }
    if (rows % 2 == 1)
        hits += few(tx[0] * power(a, rows - 1), LANES);
    return hits;
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    const uint64_t next_columns = power(MULTIPLIER, 2 * LANES);
    uint64_t x[LANES], y[LANES], hits = 0;
    x[0] = (seed << 18) * power(MULTIPLIER, 2 * first + 1);
    y[0] = x[0] * MULTIPLIER;
    for (int l = 1; l < LANES; l++) {
        x[l] = y[l - 1] * MULTIPLIER;
        y[l] = x[l] * MULTIPLIER;
    }
    for (uint64_t column = 0; column < COLUMNS && column < count; column += LANES) {
        uint64_t left = count - column;
        uint64_t rows = left < LANES ? 0 : (left - LANES) / COLUMNS + 1; /* complete rows only */
        hits += walk(x, y, rows);
        left = left < rows * COLUMNS ? 0 : left - rows * COLUMNS;
        if (left > 0 && left < LANES)
            hits += few(x[0] * power(MULTIPLIER, 2 * COLUMNS * rows), left);
        for (int l = 0; l < LANES; l++) {
            x[l] *= next_columns;
            y[l] *= next_columns;
        }
    }
    return hits;
}
