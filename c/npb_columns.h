/* The walk over the columns of a range: what the plain kernel of NPB and the one vectorised by hand
 * share. A file defines LANES, the number of neighbouring columns that it walks together, before it
 * includes this.
 */
#ifndef LIBPI_NPB_COLUMNS_H
#define LIBPI_NPB_COLUMNS_H

#include "npb.h"

#define COLUMNS 8192

/* Counts the hits in `rows` rows of LANES columns; tx and ty are the states of the first row. The
 * file defines this. */
static uint64_t walk(const uint64_t tx[LANES], const uint64_t ty[LANES], uint64_t rows);

/* Counts the hits of a range. */
static uint64_t walk_columns(uint64_t seed, uint64_t first, uint64_t count) {
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

#endif
