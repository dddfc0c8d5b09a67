/* A peer: the random numbers of the C library for programs with threads. Each thread has a state of
 * its own, which it passes to erand48 (48 bits) or to rand_r (32 bits).
 */
#define _GNU_SOURCE
#include "peer.h"

#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t with_erand48(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t start = peer_seed(seed, first), hits = 0;
    unsigned short state[3] = {(unsigned short)start, (unsigned short)(start >> 16),
                               (unsigned short)(start >> 32)};
    for (uint64_t sample = 0; sample < count; sample++) {
        double x = erand48(state), y = erand48(state);
        hits += x * x + y * y < 1;
    }
    return hits;
}

static uint64_t with_rand_r(uint64_t seed, uint64_t first, uint64_t count) {
    unsigned state = (unsigned)peer_seed(seed, first);
    uint64_t hits = 0;
    for (uint64_t sample = 0; sample < count; sample++) {
        double x = rand_r(&state) / (RAND_MAX + 1.0), y = rand_r(&state) / (RAND_MAX + 1.0);
        hits += x * x + y * y < 1;
    }
    return hits;
}

int main(void) {
    const struct peer_kernel kernels[] = {
        {"erand48", with_erand48}, {"rand_r", with_rand_r}, {NULL, NULL}};
    char version[64];
    snprintf(version, sizeof version, "glibc %s", gnu_get_libc_version());
    return peer_answer(0, version, kernels, "openmp-c", peer_openmp);
}
