/* The generator of the NAS Parallel Benchmarks' EP: s <- 5^13 s mod 2^46, points in doubles.
 *
 * Source: Bailey et al., "The NAS Parallel Benchmarks", RNR-94-007, 1994, section 2.3. Sample i is
 * the point (2 s_(2i+1) / 2^46 - 1, 2 s_(2i+2) / 2^46 - 1), a hit when x^2 + y^2 <= 1 in doubles,
 * each operation rounded (no contraction to fused multiply-add).
 *
 * Two ideas make it fast. A state is kept as s * 2^18, so that mod 2^46 is the wrap-around of 64
 * bits. And the range is seen as a matrix with COLUMNS columns: stepping down a column multiplies by
 * a^(2 COLUMNS) = 1 + d, where 2^16 divides d, for 2^(k+2) divides a^(2^k) - 1. Then d^3 2^18
 * vanishes mod 2^64, the second differences of a column are constant, and a step needs two additions
 * and no multiplication. */
#include "kernels.h"

#include <string.h>

enum {
    COLUMNS = 8192, /* samples in a row: a power of two from 2^13 on, see above */
#ifdef __AVX512F__
    LANES = 16, /* columns that go side by side */
#else
    LANES = 8,
#endif
};

static const uint64_t multiplier = 1220703125; /* a = 5^13 */

/* a^k mod 2^64. */
static uint64_t power(uint64_t k) {
    uint64_t result = 1;
    for (uint64_t square = multiplier; k > 0; k /= 2) {
        if (k % 2 == 1) {
            result *= square;
        }
        square *= square;
    }
    return result;
}

/* 2s / 2^46 - 1 for the state s * 2^18, exactly: the bits of s become the fraction of a double in
 * [2, 4), from which 3 is taken. */
static inline double coordinate(uint64_t state) {
    uint64_t bits = state >> 12 | UINT64_C(0x4000000000000000);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value - 3.0;
}

/* 1 if the point that two states make is in the circle, else 0. */
static inline uint64_t is_hit(uint64_t x_state, uint64_t y_state) {
    double x = coordinate(x_state);
    double y = coordinate(y_state);
    return x * x + y * y <= 1.0;
}

/* Hits in the first rows of LANES columns, whose topmost states are x and y. */
static uint64_t hits_of_rows(const uint64_t x[LANES], const uint64_t y[LANES], uint64_t rows) {
    const uint64_t d = power(2 * COLUMNS) - 1;
    uint64_t tx[LANES], dx[LANES], ddx[LANES], ty[LANES], dy[LANES], ddy[LANES];
    uint64_t hits[LANES] = {0};
    for (int l = 0; l < LANES; l++) {
        tx[l] = x[l];
        dx[l] = d * tx[l];
        ddx[l] = d * dx[l];
        ty[l] = y[l];
        dy[l] = d * ty[l];
        ddy[l] = d * dy[l];
    }
    for (uint64_t row = 0; row < rows; row++) {
        for (int l = 0; l < LANES; l++) {
            hits[l] += is_hit(tx[l], ty[l]);
            tx[l] += dx[l];
            dx[l] += ddx[l];
            ty[l] += dy[l];
            dy[l] += ddy[l];
        }
    }
    uint64_t total = 0;
    for (int l = 0; l < LANES; l++) {
        total += hits[l];
    }
    return total;
}

/* Hits of a few samples in a row, from the state of the first one's x on. */
static uint64_t edge(uint64_t x, uint64_t count) {
    uint64_t hits = 0;
    for (; count > 0; count--) {
        uint64_t y = multiplier * x;
        hits += is_hit(x, y);
        x = multiplier * y;
    }
    return hits;
}

uint64_t LIBPI_KERNEL(npb, c, LIBPI_LEVEL)(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t x[LANES], y[LANES];
    /* An index above 2^63 wraps here, and may: the period divides 2^64. */
    uint64_t state = (seed << 18) * power(2 * first + 1);
    for (int l = 0; l < LANES; l++) {
        x[l] = state;
        y[l] = multiplier * x[l];
        state = multiplier * y[l];
    }
    const uint64_t next_group = power(2 * LANES);
    uint64_t hits = 0;
    for (uint64_t column = 0; column < COLUMNS && column < count; column += LANES) {
        uint64_t left = count - column;
        /* Rows in which all lanes are inside the range. At most LANES - 1 samples are left below
         * them, in one of the groups. */
        uint64_t rows = left < LANES ? 0 : (left - LANES) / COLUMNS + 1;
        hits += hits_of_rows(x, y, rows);
        if (left > rows * COLUMNS) {
            hits += edge(x[0] * power(2 * rows * COLUMNS), left - rows * COLUMNS);
        }
        for (int l = 0; l < LANES; l++) {
            x[l] *= next_group;
            y[l] *= next_group;
        }
    }
    return hits;
}
