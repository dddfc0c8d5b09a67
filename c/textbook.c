/* The simplest program in C: erand48, doubles, x*x + y*y < 1. It is a statistical baseline: the
 * points that it draws depend on how a range is split. It is compiled at the base level only.
 */
#define _XOPEN_SOURCE 600 /* for erand48 */
#include "kernels.h"

#include <stdlib.h>

/* The finaliser of SplitMix64 (Steele, Lea and Flood). */
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

uint64_t LIBPI_SYMBOL(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t z = mix(seed + first * 0x9E3779B97F4A7C15), hits = 0;
    unsigned short state[3] = {(unsigned short)z, (unsigned short)(z >> 16),
                               (unsigned short)(z >> 32)};
    for (uint64_t i = 0; i < count; i++) {
        double x = erand48(state);
        double y = erand48(state);
        if (x * x + y * y < 1.0)
            hits++;
    }
    return hits;
}
