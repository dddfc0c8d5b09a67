/* Kernels of philox: one that is right, and some that are wrong. */
#define main main_of_the_runner
#include "../../../../runners/plain_philox.c"

#define KERNEL(name) uint64_t name(uint64_t seed, uint64_t first, uint64_t count)

KERNEL(right) { return count_hits(seed, first, count); }

/* Takes the first point of a block instead of the second. */
KERNEL(wrong_at_odd_starts) {
    if (first % 2 == 0 || count == 0)
        return count_hits(seed, first, count);
    return count_hits(seed, first - 1, 1) + count_hits(seed, first + 1, count - 1);
}

KERNEL(seed_of_32_bits) { return count_hits((uint32_t)seed, first, count); }

KERNEL(counts_misses) { return count - count_hits(seed, first, count); }
