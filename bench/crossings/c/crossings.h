/* The callees and the loops of the callers, as every language sees them. */
#ifndef CROSSINGS_H
#define CROSSINGS_H

#include "kernels.h"

/* Callees: kernels by their type, which only compute (3 seed xor first) - count. */
uint64_t libpi_callee_rust(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_callee_fortran(uint64_t seed, uint64_t first, uint64_t count);

/* Loops that make `count` calls, numbered from `first` on. A call is given the answer of the one
 * before, the first one the seed: so they cannot overlap, nor be left out, hoisted or merged. */
uint64_t libpi_loop_c_floor(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_direct_rust(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_direct_c(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_direct_fortran(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_pointer(libpi_kernel callee, uint64_t seed, uint64_t first, uint64_t count);

/* Counts the hits of a range in batches of `batch` samples a call. */
uint64_t libpi_loop_c_batches(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                              uint64_t batch);

/* Through libpi_hits_with, which takes a kernel's name; UINT64_MAX says that a call failed. The
 * first makes `count` calls for no samples, and counts those that find no hits. */
uint64_t libpi_loop_c_checked(const char *kernel, uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_loop_c_checked_batches(const char *kernel, uint64_t seed, uint64_t first,
                                      uint64_t count, uint64_t batch);

#endif
