/* The textbook kernel: what a person writes first in C, with erand48.
 *
 * A labelled baseline. It is statistical: the count depends on how the range is split. */
#define _XOPEN_SOURCE 600 /* erand48 is no part of C11 */

#include "kernels.h"

#include <stdlib.h>

/* The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014). */
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Hits among count points of a generator that starts from seed and first. */
uint64_t LIBPI_KERNEL(textbook, c, LIBPI_LEVEL)(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t start = mix(seed + first * UINT64_C(0x9E3779B97F4A7C15));
    unsigned short state[3] = {(unsigned short)start, (unsigned short)(start >> 16),
                               (unsigned short)(start >> 32)};
    uint64_t hits = 0;
    for (uint64_t i = 0; i < count; i++) {
        double x = erand48(state);
        double y = erand48(state);
        if (x * x + y * y < 1.0) {
            hits++;
        }
    }
    return hits;
}
