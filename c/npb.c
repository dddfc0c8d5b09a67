/* NPB: the pi count of the benchmark EP of the NAS Parallel Benchmarks (report RNR-94-007).
 *
 * The generator is linear congruential, s_k = 5^13 s_{k-1} mod 2^46. Sample i is the point
 * x = 2 s_{2i+1} / 2^46 - 1, y = 2 s_{2i+2} / 2^46 - 1. It is a hit if x x + y y <= 1 in doubles
 * with each operation rounded once. So this file must be compiled without fused multiply-adds.
 *
 * States are kept shifted to the left, t = 2^18 s. Then mod 2^46 is the wrap-around of 64 bits.
 *
 * The samples of a range fill a matrix of COLUMNS columns row by row. A step down a column
 * multiplies the state by a^(2 COLUMNS) = 1 + D, where a = 5^13. As 2^16 divides D, 2^18 D^3
 * vanishes mod 2^64. So the second difference of the states in a column is constant, and a step
 * needs two additions and no multiplication. LANES neighbouring columns are walked together.
 */
#include "kernels.h"

/* Each compiler has the number of lanes that was fastest with it at each level. With few lanes the
 * pragma keeps the loop over lanes, which the compiler would unroll before it can vectorise it. */
#if !defined __SSE2__ || defined __AVX512DQ__
#define LANES 16
#define LANE_LOOP
#else
#if defined __AVX2__ == defined __clang__
#define LANES 4
#else
#define LANES 8
#endif
#define LANE_LOOP _Pragma("GCC unroll 1")
#endif
#include "npb_columns.h"

static uint64_t walk(const uint64_t tx[LANES], const uint64_t ty[LANES], uint64_t rows) {
    const uint64_t d = power(MULTIPLIER, 2 * COLUMNS) - 1;
    uint64_t x[LANES], dx[LANES], ddx[LANES], y[LANES], dy[LANES], ddy[LANES];
    uint64_t hits[LANES] = {0}, total = 0;
    for (int l = 0; l < LANES; l++) {
        x[l] = tx[l];
        dx[l] = x[l] * d;
        ddx[l] = dx[l] * d;
        y[l] = ty[l];
        dy[l] = y[l] * d;
        ddy[l] = dy[l] * d;
    }
    for (uint64_t row = 0; row < rows; row++) {
        LANE_LOOP
        for (int l = 0; l < LANES; l++) {
            hits[l] += hit(x[l], y[l]);
            x[l] += dx[l];
            dx[l] += ddx[l];
            y[l] += dy[l];
            dy[l] += ddy[l];
        }
    }
    for (int l = 0; l < LANES; l++)
        total += hits[l];
    return total;
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    return walk_columns(seed, first, count);
}
