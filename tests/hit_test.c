/* Calls the hit test of a C kernel for the points in the arguments (for npb: the states), which are
 * x y x y ... Prints 1 for a hit and 0 for a miss, and 2 if the lanes of a vector or the rounding
 * modes disagree. SOURCE is the kernel's source file; it is included because its functions are
 * static. */
#include SOURCE

#include <fenv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#if defined PHILOX
static uint64_t hits(int64_t x, int64_t y) { return 1 - miss((uint32_t)x, (uint32_t)y); }
#elif defined XOSHIRO
static uint64_t hits(int64_t x, int64_t y) { return 1 - miss_of((uint64_t)y << 32 | (uint32_t)x); }
#elif defined NPB
static uint64_t hits(int64_t x, int64_t y) {
    return (uint64_t)hit((uint64_t)x << 18, (uint64_t)y << 18);
}
#else

#if defined PHILOX_SIMD
#define TRIES WORDS

/* The hits of a vector with one point in a lane. The other lanes have the origin, which is a hit.
 * What lies between the words of a vector may be anything. */
static uint64_t hits_in(int lane, int64_t x, int64_t y) {
    uint32_t xs[LANES32], ys[LANES32];
    for (int l = 0; l < LANES32; l++)
        xs[l] = ys[l] = l % (LANES32 / WORDS) == 0 ? 0 : UINT32_MAX;
    xs[lane * (LANES32 / WORDS)] = (uint32_t)x;
    ys[lane * (LANES32 / WORDS)] = (uint32_t)y;
    return 1 - misses(load32(xs), load32(ys));
}
#elif defined XOSHIRO_SIMD
#define TRIES (2 * LANES64)

static uint64_t hits_in(int lane, int64_t x, int64_t y) {
    uint64_t outputs[TRIES] = {0};
    outputs[lane] = (uint64_t)y << 32 | (uint32_t)x;
    return 1 - misses_in_pairs(load64(outputs), load64(outputs + LANES64));
}
#elif defined NPB_SIMD
#define LANES_TRIED (4 * LANES32)
#define TRIES (4 * LANES_TRIED)

/* The hits of four vectors with one point in a lane, in one of the four rounding modes. The other
 * lanes have points outside of the circle. A point in the band is a hit if the exact test says so.
 */
static uint64_t hits_in(int attempt, int64_t x, int64_t y) {
    const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    /* Volatile, so that the compiler does not convert before the rounding mode is set. */
    volatile uint32_t xs[LANES_TRIED] = {0}, ys[LANES_TRIED] = {0};
    vec at[4];
    xs[attempt % LANES_TRIED] = (uint32_t)(x >> 14) ^ 0x80000000;
    ys[attempt % LANES_TRIED] = (uint32_t)(y >> 14) ^ 0x80000000;
    for (int l = 0; l < LANES_TRIED; l++)
        if (l != attempt % LANES_TRIED)
            xs[l] = ys[l] = INT32_MAX;
    fesetround(modes[attempt / LANES_TRIED]);
    for (int v = 0; v < 4; v++) {
        uint32_t words[2][LANES32];
        for (int l = 0; l < LANES32; l++) {
            words[0][l] = xs[v * LANES32 + l];
            words[1][l] = ys[v * LANES32 + l];
        }
        at[v] = position(load32(words[0]), load32(words[1]));
    }
    volatile uint32_t least, most;
    hit_range found = hits_at(at[0], at[1], at[2], at[3]);
    least = found.least;
    most = found.most;
    fesetround(FE_TONEAREST);
    return least == most ? least : (uint64_t)hit((uint64_t)x << 18, (uint64_t)y << 18);
}
#endif

static uint64_t hits(int64_t x, int64_t y) {
    uint64_t first = hits_in(0, x, y);
    for (int attempt = 1; attempt < TRIES; attempt++)
        if (hits_in(attempt, x, y) != first)
            return 2;
    return first;
}
#endif

int main(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        printf("%" PRIu64 "\n", hits(strtoll(argv[i], NULL, 10), strtoll(argv[i + 1], NULL, 10)));
    }
    return 0;
}
