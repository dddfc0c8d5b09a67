/* The C declarations of the callees and of the callers' loops. */
#ifndef CROSSINGS_H
#define CROSSINGS_H

#include "kernels.h"

/* The callees. They have the type of a kernel, and only compute (3 seed xor first) - count. */
uint64_t libpi_callee_rust(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_callee_fortran(uint64_t seed, uint64_t first, uint64_t count);

/* Loops that make `count` calls, numbered from `first` on. The first call gets the seed, and each
 * other call the answer of the previous one. So calls cannot overlap, and the compiler cannot drop,
 * hoist or merge any. */
uint64_t libpi_loop_c_floor(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_direct_rust(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_direct_c(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_direct_fortran(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_pointer(libpi_kernel callee, uint64_t seed, uint64_t first, uint64_t count);

/* Counts the hits of a range, `batch` samples per call. */
uint64_t libpi_loop_c_batches(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                              uint64_t batch);

/* Loops that call libpi_hits_with, which takes the name of a kernel. They return UINT64_MAX if a
 * call failed. The first loop makes `count` calls for 0 samples, and counts the calls that find no
 * hits. */
uint64_t libpi_loop_c_checked(const char *kernel, uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_checked_batches(const char *kernel, uint64_t seed, uint64_t first,
                                      uint64_t count, uint64_t batch);

#endif
