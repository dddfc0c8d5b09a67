/* A peer: the random numbers of Intel's oneMKL ("Vector Statistics"). A buffer has all x first, all
 * y last. With philox and ARS5 each thread skips to its own samples in one stream, as the manual
 * shows. SFMT needs 16 ms to skip, so each thread has a stream with a seed of its own.
 */
#include "peer.h"

#include <mkl_service.h>
#include <mkl_vsl.h>

enum { POINTS = 16384 };

static VSLStreamStatePtr stream_from(MKL_INT generator, uint64_t seed, uint64_t first) {
    int can_skip = generator != VSL_BRNG_SFMT19937;
    uint64_t start = can_skip ? seed : peer_seed(seed, first);
    const unsigned words[] = {(unsigned)start, (unsigned)(start >> 32)};
    const MKL_UINT64 numbers[] = {2 * first, first >> 63};
    VSLStreamStatePtr stream;
    if (vslNewStreamEx(&stream, generator, 2, words) != VSL_STATUS_OK ||
        (can_skip && vslSkipAheadStreamEx(stream, 2, numbers) != VSL_STATUS_OK))
        peer_fail("oneMKL cannot make the stream of random numbers");
    return stream;
}

/* Defines a kernel: numbers of this type by this function. */
#define KERNEL(name, generator, type, uniform)                                                     \
    static uint64_t name(uint64_t seed, uint64_t first, uint64_t count) {                          \
        VSLStreamStatePtr stream = stream_from(generator, seed, first);                            \
        _Alignas(64) static _Thread_local type at[2 * POINTS];                                     \
        uint64_t hits = 0;                                                                         \
        while (count > 0) {                                                                        \
            int n = count < POINTS ? (int)count : POINTS, inside = 0;                              \
            uniform(VSL_RNG_METHOD_UNIFORM_STD, stream, 2 * n, at, -1, 1);                         \
            for (int i = 0; i < n; i++)                                                            \
                inside += at[i] * at[i] + at[n + i] * at[n + i] < 1;                               \
            hits += (uint64_t)inside, count -= (uint64_t)n;                                        \
        }                                                                                          \
        vslDeleteStream(&stream);                                                                  \
        return hits;                                                                               \
    }

KERNEL(philox_double, VSL_BRNG_PHILOX4X32X10, double, vdRngUniform)
KERNEL(philox_float, VSL_BRNG_PHILOX4X32X10, float, vsRngUniform)
KERNEL(sfmt_double, VSL_BRNG_SFMT19937, double, vdRngUniform)
KERNEL(sfmt_float, VSL_BRNG_SFMT19937, float, vsRngUniform)
KERNEL(ars5_double, VSL_BRNG_ARS5, double, vdRngUniform)
KERNEL(ars5_float, VSL_BRNG_ARS5, float, vsRngUniform)

int main(void) {
    const struct peer_kernel kernels[] = {{"mkl-philox-double", philox_double},
                                          {"mkl-philox-float", philox_float},
                                          {"mkl-sfmt-double", sfmt_double},
                                          {"mkl-sfmt-float", sfmt_float},
                                          {"mkl-ars5-double", ars5_double},
                                          {"mkl-ars5-float", ars5_float},
                                          {NULL, NULL}};
    char version[198];
    mkl_get_version_string(version, sizeof version);
    return peer_answer(0, version, kernels, "openmp-c", peer_openmp);
}
