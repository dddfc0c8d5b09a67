/* Counts the indices in [first, first + count) that have a property. The range ends at 2^64 at
 * most, so first + count may be 0: compare no index with the end. */
#include <stdint.h>

/* Whether an index counts: here, if 3 divides it. Put your own property in its place. A problem
 * that needs random numbers makes them from the seed and the index. */
static uint64_t counts(uint64_t seed, uint64_t index) {
    (void)seed;
    return index % 3 == 0;
}

uint64_t count_range(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    for (uint64_t i = 0; i < count; i++)
        hits += counts(seed, first + i);
    return hits;
}
