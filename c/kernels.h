/* What the C and Fortran sides define and Rust calls: kernels and OpenMP drivers.
 *
 * A kernel counts the samples with index in [first, first + count) whose point falls inside the
 * circle. It is a pure function: it never allocates, locks, prints, unwinds or stops the process.
 * Callers check the seed and that first + count is at most 2^64, and keep count below 2^63.
 * A kernel built for a level above the CPU's must not be called.
 */
#ifndef LIBPI_KERNELS_H
#define LIBPI_KERNELS_H

#include <stdint.h>

typedef uint64_t (*libpi_kernel)(uint64_t seed, uint64_t first, uint64_t count);

/* libpi_k_<generator>_<language>_<level>; two steps, so that macro arguments are expanded. */
#define LIBPI_KERNEL(generator, language, level) LIBPI_KERNEL_(generator, language, level)
#define LIBPI_KERNEL_(generator, language, level) libpi_k_##generator##_##language##_##level

#define LIBPI_DECLARE(generator, language, level)                                                  \
    uint64_t LIBPI_KERNEL(generator, language, level)(uint64_t seed, uint64_t first, uint64_t count)

#define LIBPI_DECLARE_LEVELS(generator, language)                                                  \
    LIBPI_DECLARE(generator, language, base);                                                      \
    LIBPI_DECLARE(generator, language, v3);                                                        \
    LIBPI_DECLARE(generator, language, v4)

LIBPI_DECLARE_LEVELS(philox, c);
LIBPI_DECLARE_LEVELS(philox, fortran);
LIBPI_DECLARE_LEVELS(npb, c);
LIBPI_DECLARE_LEVELS(npb, fortran);
LIBPI_DECLARE_LEVELS(xoshiro, c);
LIBPI_DECLARE_LEVELS(xoshiro, fortran);

/* The textbook baselines: statistical, built at the base level only. */
LIBPI_DECLARE(textbook, c, base);
LIBPI_DECLARE(textbook, fortran, base);

/* A driver splits a range into one part per thread, whole blocks of 65536 samples each, and adds
 * up what the kernel counts in them. threads is between 1 and 1024. */
uint64_t libpi_openmp_c(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                        int32_t threads);
uint64_t libpi_openmp_fortran(libpi_kernel kernel, uint64_t seed, uint64_t first, uint64_t count,
                              int32_t threads);

#endif
