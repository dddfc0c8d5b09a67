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
static uint64_t hits(int64_t x, int64_t y) { return hit((uint64_t)x << 18, (uint64_t)y << 18); }
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
#define TRIES (4 * LANES32)

/* The hits of a vector with one point in a lane, in one of the four rounding modes. The other lanes
 * have points outside of the circle. A point in the band is a hit if the exact test says so. */
static uint64_t hits_in(int attempt, int64_t x, int64_t y) {
    const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    uint32_t xs[LANES32], ys[LANES32];
    for (int l = 0; l < LANES32; l++)
        xs[l] = ys[l] = INT32_MAX;
    xs[attempt % LANES32] = (uint32_t)(x >> 14) ^ 0x80000000;
    ys[attempt % LANES32] = (uint32_t)(y >> 14) ^ 0x80000000;
    /* Volatile, so that the compiler counts between the two changes of the mode. */
    volatile points p = {.x.t = load32(xs), .y.t = load32(ys)};
    volatile tally counted;
    fesetround(modes[attempt / LANES32]);
    points here = p;
    tally t = {0, splat_float(0x1p62f)};
    count_row(&here, &t);
    counted = t;
    fesetround(FE_TONEAREST);
    t = counted;
    return any_within(t.nearest, BAND) ? hit((uint64_t)x << 18, (uint64_t)y << 18) : t.hits;
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
