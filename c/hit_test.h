/* The hit test of philox and xoshiro: words x and y are read as signed numbers, and the point is a
 * hit if x^2 + y^2 < 2^62 in integers. */
#ifndef LIBPI_HIT_TEST_H
#define LIBPI_HIT_TEST_H

#include <stdint.h>

/* SSE2 alone has neither a signed 32 x 32 -> 64 multiplication nor a 32-bit one. */
#if defined __SSE2__ && !defined __SSE4_1__
#define ONLY_WIDE_UNSIGNED 1
#endif

/* The square of a word read as a signed number. */
static inline uint64_t square(uint32_t word) {
#ifdef ONLY_WIDE_UNSIGNED
    uint32_t sign = 0 - (word >> 31);
    uint64_t magnitude = (word ^ sign) - sign;
    return magnitude * magnitude;
#else
    int64_t value = (int32_t)word;
    return (uint64_t)(value * value);
#endif
}

/* 1 outside the circle, else 0. The sum of squares is at most 2^63, so the additions never wrap. */
static inline uint64_t miss(uint32_t x, uint32_t y) {
    return (square(x) + square(y) + ((uint64_t)1 << 62)) >> 63;
}

#endif
