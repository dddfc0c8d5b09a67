/* The sampler in C; OpenMP runs its loop in parallel. ctypes and cffi call it.
 *
 * The threads of OpenMP wait for work until the process ends. cffi closes its libraries before
 * that, and the threads would crash if their code went away: `nodelete` keeps it.
 *
 * Build: cc -std=c11 -Wall -Wextra -O3 ${LEVEL:+-march=$LEVEL} -fopenmp -fPIC -shared
 *     -Wl,-z,nodelete $SRC/sampler.c -o libsampler_c.so
 */
#include "sampler.h"

/* Philox4x32-10 (Salmon and others, SC11): ten rounds turn the number of a block into four words.
 */
static void philox(uint64_t seed, uint64_t block, uint32_t word[4]) {
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    word[0] = c0, word[1] = c1, word[2] = c2, word[3] = c3;
}

/* Two words, read with a sign, are a point. The circle has the radius 2^31. */
static uint64_t inside(uint32_t word_x, uint32_t word_y) {
    int64_t x = (int32_t)word_x, y = (int32_t)word_y;
    return (uint64_t)(x * x) + (uint64_t)(y * y) < (uint64_t)1 << 62;
}

/* A block makes the samples 2 * block and 2 * block + 1. */
static uint64_t hit(uint64_t seed, uint64_t sample) {
    uint32_t word[4];
    philox(seed, sample / 2, word);
    return sample % 2 == 0 ? inside(word[0], word[1]) : inside(word[2], word[3]);
}

uint64_t pi_hits(uint64_t seed, uint64_t first, uint64_t count, int threads) {
    if (count == 0)
        return 0;
    uint64_t hits = 0, last = first + (count - 1);
#pragma omp parallel for num_threads(threads) reduction(+ : hits)
    for (uint64_t block = first / 2; block <= last / 2; block++) {
        uint32_t word[4];
        philox(seed, block, word);
        hits += inside(word[0], word[1]) + inside(word[2], word[3]);
    }
    /* The first and the last block may reach beyond the range by a sample. */
    if (first % 2 == 1)
        hits -= hit(seed, first - 1);
    if (last % 2 == 0)
        hits -= hit(seed, last + 1);
    return hits;
}
