/* Philox4x32-10 for one sample: what the plain kernel and the one vectorised by hand share. */
#ifndef LIBPI_PHILOX_H
#define LIBPI_PHILOX_H

#include "hit_test.h"

#define M0 0xD2511F53u
#define M1 0xCD9E8D57u
#define W0 0x9E3779B9u
#define W1 0xBB67AE85u

/* 1 if one sample is a hit, else 0. */
static uint64_t hit(uint64_t seed, uint64_t sample) {
    uint64_t block = sample / 2;
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)c0 * M0, p1 = (uint64_t)c2 * M1;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += W0;
        k1 += W1;
    }
    return 1 - (sample % 2 == 0 ? miss(c0, c1) : miss(c2, c3));
}

/* Counts the hits among `count` samples one by one. For the edges of a range: the loops over
 * vectors take whole groups of blocks only. */
static uint64_t edge(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    for (; count > 0; count--)
        hits += hit(seed, first++);
    return hits;
}

#endif
