/* The OpenMP driver in C: splits a range into one part per thread and counts it with any kernel. */
#ifndef _OPENMP
#error "compile with OpenMP, or leave this file out"
#endif

#include "kernels.h"

#include <omp.h>

#define BLOCK 65536

typedef struct {
    uint64_t first, count;
} range;

/* The start of block number `index` of the range, as an offset from the range's first sample. */
static uint64_t begin(uint64_t index, uint64_t blocks, uint64_t first, uint64_t count) {
    if (index == 0)
        return 0;
    return index < blocks ? index * BLOCK - first % BLOCK : count;
}

/* Part `part` of `parts`: whole blocks, clipped to the range. A range touches at most 2^48 blocks
 * and there are at most 1024 parts, so the products fit into 64 bits. */
static range split(uint64_t first, uint64_t count, uint64_t part, uint64_t parts) {
    uint64_t blocks = count == 0 ? 0 : (first + (count - 1)) / BLOCK - first / BLOCK + 1;
    uint64_t from = begin(blocks * part / parts, blocks, first, count);
    uint64_t to = begin(blocks * (part + 1) / parts, blocks, first, count);
    return (range){first + from, to - from};
}

/* The loop runs over parts instead of giving each thread number one part. So every part is counted
 * even if the runtime starts fewer threads than asked for. */
uint64_t libpi_openmp_c(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                        int32_t threads) {
    uint64_t hits = 0;
    /* OMP_DYNAMIC would let the runtime start fewer threads than asked for. */
    const int dynamic = omp_get_dynamic();
    omp_set_dynamic(0);
#pragma omp parallel for schedule(static, 1) num_threads(threads) reduction(+ : hits)
    for (int32_t part = 0; part < threads; part++) {
        range r = split(first, count, (uint64_t)part, (uint64_t)threads);
        if (r.count > 0)
            hits += kernel(seed, r.first, r.count);
    }
    omp_set_dynamic(dynamic);
    return hits;
}
