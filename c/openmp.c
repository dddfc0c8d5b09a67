/* The driver openmp-c: an OpenMP loop over the parts of a range. The kernel may be written in any
 * language. */
#include "kernels.h"

#ifndef _OPENMP
#error "this driver needs OpenMP: compile it with -fopenmp"
#endif

enum { BLOCK = 65536 };

/* How many samples of the range are in the parts before `part` of `parts`: parts are whole blocks,
 * counted from index 0 and clipped to the range. At most 2^48 + 1 blocks are touched and there are
 * at most 1024 parts, so 64 bits hold the product. */
static uint64_t samples_before(uint64_t first, uint64_t count, uint64_t part, uint64_t parts) {
    if (count == 0) {
        return 0;
    }
    uint64_t blocks = (first + (count - 1)) / BLOCK - first / BLOCK + 1;
    uint64_t before = blocks * part / parts;
    if (before == 0) {
        return 0;
    }
    return before == blocks ? count : before * BLOCK - first % BLOCK;
}

uint64_t libpi_openmp_c(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                        int32_t threads) {
    uint64_t hits = 0;
    /* A loop over the parts, not a part for each thread: the runtime may give fewer threads than
     * asked for, and every part must be counted still. */
#pragma omp parallel for schedule(static, 1) num_threads(threads) reduction(+ : hits)
    for (int32_t part = 0; part < threads; part++) {
        uint64_t from = samples_before(first, count, (uint64_t)part, (uint64_t)threads);
        uint64_t to = samples_before(first, count, (uint64_t)part + 1, (uint64_t)threads);
        if (to > from) {
            hits += kernel(seed, first + from, to - from);
        }
    }
    return hits;
}
