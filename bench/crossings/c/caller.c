/* The caller in C. */
#include "crossings.h"

static inline uint64_t callee_inlined(uint64_t seed, uint64_t first, uint64_t count) {
    return (3 * seed ^ first) - count;
}

uint64_t libpi_loop_c_floor(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t answer = seed;
    for (uint64_t i = 0; i < count; i++)
        answer = callee_inlined(answer, first + i, 1);
    return answer;
}

uint64_t libpi_loop_c_direct_rust(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t answer = seed;
    for (uint64_t i = 0; i < count; i++)
        answer = libpi_callee_rust(answer, first + i, 1);
    return answer;
}

uint64_t libpi_loop_c_direct_c(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t answer = seed;
    for (uint64_t i = 0; i < count; i++)
        answer = libpi_callee_c(answer, first + i, 1);
    return answer;
}

#ifdef BUILT_FORTRAN
uint64_t libpi_loop_c_direct_fortran(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t answer = seed;
    for (uint64_t i = 0; i < count; i++)
        answer = libpi_callee_fortran(answer, first + i, 1);
    return answer;
}
#endif

uint64_t libpi_loop_c_pointer(libpi_kernel callee, uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t answer = seed;
    for (uint64_t i = 0; i < count; i++)
        answer = callee(answer, first + i, 1);
    return answer;
}

uint64_t libpi_loop_c_batches(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                              uint64_t batch) {
    uint64_t hits = 0, done = 0;
    while (done < count) {
        uint64_t left = count - done, size = batch < left ? batch : left;
        hits += kernel(seed, first + done, size);
        done += size;
    }
    return hits;
}
