/* A peer: Random123 by its authors (Salmon, Moraes, Dror and Shaw), a library of header files. It
 * makes the same words as libpi's generator philox, so it must count the same hits.
 */
#include "peer.h"

#include <Random123/philox.h>

/* gcc and clang make very different code of the loop, so each compiler's is a kernel of its own. */
#ifdef __clang__
#define NAME "random123-clang"
#else
#define NAME "random123"
#endif

/* Whether a point lies inside the circle. Its coordinates are words that are read as signed. */
static unsigned is_hit(uint32_t word_x, uint32_t word_y) {
    int64_t x = (int32_t)word_x, y = (int32_t)word_y;
    return (uint64_t)(x * x) + (uint64_t)(y * y) < (uint64_t)1 << 62;
}

struct pair {
    uint64_t even, odd;
};

/* The hits of the even and of the odd samples of some blocks: a block has one of each. The
 * library's function is called in this place alone, so that clang puts it into the loop and
 * vectorises that. */
static struct pair hits_of(uint64_t seed, uint64_t begin, uint64_t blocks) {
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    struct pair hits = {0, 0};
    for (uint64_t block = begin; block < begin + blocks; block++) {
        philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32), 0, 0}};
        philox4x32_ctr_t w = philox4x32(counter, key);
        hits.even += is_hit(w.v[0], w.v[1]);
        hits.odd += is_hit(w.v[2], w.v[3]);
    }
    return hits;
}

/* The range may begin and end in the middle of a block. */
static uint64_t count_hits(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t hits = 0;
    if (first % 2 == 1 && count > 0) {
        hits += hits_of(seed, first / 2, 1).odd;
        first++, count--;
    }
    struct pair whole = hits_of(seed, first / 2, count / 2);
    hits += whole.even + whole.odd;
    if (count % 2 == 1)
        hits += hits_of(seed, first / 2 + count / 2, 1).even;
    return hits;
}

int main(void) {
    const struct peer_kernel kernels[] = {{NAME, count_hits}, {NULL, NULL}};
    return peer_answer(1, "Random123", kernels, "openmp-c", peer_openmp);
}
