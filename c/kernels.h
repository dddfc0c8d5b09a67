/* The kernels and OpenMP drivers that C and Fortran define and Rust calls.
 *
 * A kernel counts the samples with index in [first, first + count) whose point falls inside the
 * circle. It is a pure function: it never allocates, locks, prints, unwinds or stops the process.
 * Callers check the seed and that first + count is at most 2^64, and keep count below 2^63.
 * A kernel built for a level above the CPU's must not be called.
 */
#ifndef LIBPI_KERNELS_H
#define LIBPI_KERNELS_H

#include <stdint.h>

typedef uint64_t libpi_kernel_function(uint64_t seed, uint64_t first, uint64_t count);
typedef libpi_kernel_function *libpi_kernel;

/* The kernel that a source file defines. The build sets its symbol from the table of kernels. */
#ifdef LIBPI_SYMBOL
libpi_kernel_function LIBPI_SYMBOL;
#endif

/* A driver splits a range into one part per thread, at multiples of 65536 samples, and adds up the
 * hits that the kernel counts in the parts. threads is between 1 and 1024. */
uint64_t libpi_openmp_c(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                        int32_t threads);
uint64_t libpi_openmp_fortran(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                              int32_t threads);

#endif
