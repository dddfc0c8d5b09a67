/* The generator of NPB for one sample: what the plain kernel and the one vectorised by hand share.
 */
#ifndef LIBPI_NPB_H
#define LIBPI_NPB_H

#include <float.h>
#include <stdint.h>
#include <string.h>

#define MULTIPLIER UINT64_C(1220703125) /* 5^13 */

static uint64_t power(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result *= base;
        base *= base;
    }
    return result;
}

/* 2 s / 2^46 - 1, exactly: the 46 bits become the fraction of a double in [2, 4), less 3. */
static inline double coordinate(uint64_t t) {
    uint64_t bits = (t >> 12) | 0x4000000000000000;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value - 3.0;
}

/* 1 for a hit, else 0. */
static inline uint64_t hit(uint64_t tx, uint64_t ty) {
    double x = coordinate(tx), y = coordinate(ty);
#if defined __SSE2__ && !defined __AVX2__ && !defined __clang__
    /* The sign bit of the difference to the next double after 1, which never rounds to zero, says
     * the same as the comparison. gcc does not vectorise the comparison for SSE2. */
    double over = x * x + y * y - (1.0 + DBL_EPSILON);
    uint64_t bits;
    memcpy(&bits, &over, sizeof bits);
    return bits >> 63;
#else
    return x * x + y * y <= 1.0;
#endif
}

/* Counts the hits among `count` samples one by one; t is the state of the first sample's x. */
static uint64_t few(uint64_t t, uint64_t count) {
    uint64_t hits = 0;
    for (; count > 0; count--) {
        uint64_t y = t * MULTIPLIER;
        hits += hit(t, y);
        t = y * MULTIPLIER;
    }
    return hits;
}

#endif
