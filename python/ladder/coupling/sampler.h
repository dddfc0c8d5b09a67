/* The sampler in C, for whoever calls it. */
#include <stdint.h>

/* Counts the samples from `first` on that lie inside the circle, on `threads` threads. The last
 * sample of a range may have the index 2^64 - 1. */
uint64_t pi_hits(uint64_t seed, uint64_t first, uint64_t count, int threads);
