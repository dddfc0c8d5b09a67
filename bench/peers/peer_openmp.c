/* The driver of the peers in C: an OpenMP region. */
#include "peer.h"

#include <omp.h>

uint64_t peer_openmp(peer_count *count_part, uint64_t seed, uint64_t first, uint64_t count,
                     int threads) {
    uint64_t hits = 0;
    omp_set_dynamic(0);
#pragma omp parallel num_threads(threads) reduction(+ : hits)
    {
        int part = omp_get_thread_num(), parts = omp_get_num_threads();
        uint64_t begin = peer_part(first, count, part, parts);
        hits += count_part(seed, begin, peer_part(first, count, part + 1, parts) - begin);
    }
    return hits;
}
