/* Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
 * [first, first + count). A block has two samples, so the range may begin or end inside a block. */
#include <stdint.h>

/* The words of a block, read as signed: two samples (x, y). */
static void words_of(uint64_t seed, uint64_t block, int32_t words[4]) {
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
    }
    words[0] = (int32_t)c0, words[1] = (int32_t)c1, words[2] = (int32_t)c2, words[3] = (int32_t)c3;
}

/* Whether the point lies inside the circle. */
static uint64_t hit(int64_t x, int64_t y) {
    return (uint64_t)(x * x) + (uint64_t)(y * y) < (uint64_t)1 << 62;
}

uint64_t philox(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0, block = first / 2;
    int32_t w[4];
    if (count > 0 && first % 2 == 1) {
        words_of(seed, block++, w);
        hits += hit(w[2], w[3]);
        count--;
    }
    for (; count >= 2; count -= 2) {
        words_of(seed, block++, w);
        hits += hit(w[0], w[1]) + hit(w[2], w[3]);
    }
    if (count > 0) {
        words_of(seed, block, w);
        hits += hit(w[0], w[1]);
    }
    return hits;
}
