/* libpi: one Monte Carlo pi sampler in Rust, C and Fortran. Made by cbindgen; do not edit.
 *
 * Conventions
 *
 * Status. Functions that can fail return a libpi_status; LIBPI_OK is 0. Out-parameters are written
 * only on success. Every pointer is checked: NULL is LIBPI_ERROR_NULL. After an error
 * libpi_last_error() says which value broke which rule and what to do.
 *
 * Ownership. libpi keeps no pointer it is given, and hands out none to be freed: strings it returns
 * belong to it, and the comments say how long they live.
 *
 * Threads. Every function may be called from any thread at any time; the last error belongs to the
 * calling thread. Calls do not change the CPU mask of their caller.
 *
 * Fork. After libpi_hits, or the drivers auto, serial and threads, no thread is left, and a child
 * may call libpi again. rayon and OpenMP keep threads: after using them do not fork and call them
 * in the child.
 *
 * Panics. A bug in libpi is LIBPI_ERROR_PANIC, never an unwinding through the caller. A caller's
 * own kernel must not unwind, longjmp or stop the process, nor call libpi_drive again under OpenMP.
 *
 * ABI. A program built for one LIBPI_ABI_VERSION runs with every library of that number, which is
 * the number in the SONAME; libpi_abi_version() tells that of the library that is loaded. New
 * functions and error codes may be added; what is here does not change. */


#ifndef LIBPI_H
#define LIBPI_H



#include <stdint.h>

/* The version this header belongs to. */
#define LIBPI_VERSION "0.1.0"
#define LIBPI_VERSION_MAJOR 0
#define LIBPI_VERSION_MINOR 1
#define LIBPI_VERSION_PATCH 0

/*
 The version of the ABI, as in the SONAME libpi.so.1. It is raised when a program that was built
 for the old one could not run with the new one.
 */
#define LIBPI_ABI_VERSION 1

/*
 What a function answers: LIBPI_OK or one of the errors.
 */
typedef int32_t libpi_status;

/*
 Where the points come from: LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
 */
typedef int32_t libpi_generator;

/*
 A kernel: the number of hits among count samples from index first on. It is called from several
 threads at once, and must neither unwind, nor longjmp, nor stop the process.
 */
typedef uint64_t (*libpi_kernel)(uint64_t seed, uint64_t first, uint64_t count);

/*
 Done; the out-parameters are written.
 */
#define LIBPI_OK 0

/*
 A pointer is NULL.
 */
#define LIBPI_ERROR_NULL 1

/*
 The generator is none of LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO, LIBPI_TEXTBOOK.
 */
#define LIBPI_ERROR_GENERATOR 2

/*
 No kernel, level or driver of that name.
 */
#define LIBPI_ERROR_NAME 3

/*
 The kernel or driver exists, but not in this build or on this CPU.
 */
#define LIBPI_ERROR_MISSING 4

/*
 The seed does not suit the generator.
 */
#define LIBPI_ERROR_SEED 5

/*
 first + count exceeds 2^64.
 */
#define LIBPI_ERROR_RANGE 6

/*
 The number of threads is not 0 (all usable CPUs) or 1 to 1024.
 */
#define LIBPI_ERROR_THREADS 7

/*
 The operating system gave no more threads.
 */
#define LIBPI_ERROR_SPAWN 8

/*
 More hits than samples.
 */
#define LIBPI_ERROR_HITS 9

/*
 No samples, so no estimate.
 */
#define LIBPI_ERROR_NO_SAMPLES 10

/*
 The part is not below the number of parts.
 */
#define LIBPI_ERROR_PART 11

/*
 The index is past the end of a list.
 */
#define LIBPI_ERROR_INDEX 12

/*
 The environment variable LIBPI_NUM_THREADS or LIBPI_LEVEL has no sensible value.
 */
#define LIBPI_ERROR_VARIABLE 13

/*
 A bug in libpi: please report the message.
 */
#define LIBPI_ERROR_PANIC 14

/*
 Philox4x32-10, counter-based. Any seed; 42 is usual.
 */
#define LIBPI_PHILOX 1

/*
 The generator of NAS Parallel Benchmarks EP. Seeds are odd and below 2^46; 271828183 is usual.
 */
#define LIBPI_NPB 2

/*
 xoshiro256++ in blocks of 65536 samples. Any seed; 42 is usual.
 */
#define LIBPI_XOSHIRO 3

/*
 Each language's own generator, a statistical baseline: the count depends on the kernel and on
 how the range is split. Any seed.
 */
#define LIBPI_TEXTBOOK 4

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Counts the hits among the samples [first, first + count) of a generator, with the best kernel on
 this CPU. The count depends on generator, seed, first and count alone.

 threads is 0 for the CPUs that may be used, or 1 to 1024. No thread outlives the call.

 # Safety
 `hits` is NULL or may be written to.
 */
libpi_status libpi_hits(libpi_generator generator,
                        uint64_t seed,
                        uint64_t first,
                        uint64_t count,
                        int32_t threads,
                        uint64_t *hits);

/*
 libpi_hits with a kernel and a driver chosen by the names that `pi list` and
 libpi_kernel_at and libpi_driver_at give: "auto", "fortran", "rust@x86-64-v3"; "openmp-c".
 The driver "rayon" keeps its threads: do not use it on both sides of a fork.

 # Safety
 `kernel` and `driver` are NULL or strings; `hits` is NULL or may be written to.
 */
libpi_status libpi_hits_with(const char *kernel,
                             const char *driver,
                             libpi_generator generator,
                             uint64_t seed,
                             uint64_t first,
                             uint64_t count,
                             int32_t threads,
                             uint64_t *hits);

/*
 Runs the caller's own kernel under a driver of libpi and adds up what it returns, modulo 2^64.

 The range is split into one part a thread, whole blocks of 65536 indices counted from 0, as
 libpi_split does; a kernel is not called for an empty part, and a part of 2^62 indices or more
 comes in several calls. The seed is passed on unread, so it may carry a pointer.

 # Safety
 `driver` is NULL or a string; `hits` is NULL or may be written to; `kernel` may be called with
 this seed and any part of this range, from several threads at once, and does not unwind.
 */
libpi_status libpi_drive(const char *driver,
                         libpi_kernel kernel,
                         uint64_t seed,
                         uint64_t first,
                         uint64_t count,
                         int32_t threads,
                         uint64_t *hits);

/*
 Part `part` (from 0) of `parts` of a range, for those who distribute it themselves: whole blocks
 of 65536 samples counted from index 0, clipped to the range. A part may be empty.

 # Safety
 `part_first` and `part_count` are NULL or may be written to.
 */
libpi_status libpi_split(uint64_t first,
                         uint64_t count,
                         uint64_t parts,
                         uint64_t part,
                         uint64_t *part_first,
                         uint64_t *part_count);

/*
 The estimate of pi from `hits` of `count` samples, and its standard error.

 # Safety
 `pi` and `standard_error` are NULL or may be written to.
 */
libpi_status libpi_estimate(uint64_t hits, uint64_t count, double *pi, double *standard_error);

/*
 Wilson's interval for pi at 95%, from `hits` of `count` samples.

 # Safety
 `lower` and `upper` are NULL or may be written to.
 */
libpi_status libpi_interval(uint64_t hits, uint64_t count, double *lower, double *upper);

/*
 Kernel number `index` (from 0) of the catalog: its generator, its full name, and the reason why
 it is missing, or NULL if it can run here. LIBPI_ERROR_INDEX past the last. The strings live as
 long as the process.

 # Safety
 `generator`, `name` and `missing` are NULL or may be written to.
 */
libpi_status libpi_kernel_at(uint32_t index,
                             libpi_generator *generator,
                             const char **name,
                             const char **missing);

/*
 Driver number `index` (from 0) of the catalog: its name, and the reason why it is missing, or
 NULL if it can run here. LIBPI_ERROR_INDEX past the last. The strings live as long as the
 process.

 # Safety
 `name` and `missing` are NULL or may be written to.
 */
libpi_status libpi_driver_at(uint32_t index, const char **name, const char **missing);

/*
 What went wrong in this thread's last call: which value, which rule, which remedy; "" after a
 success. Valid until the thread's next call of libpi.
 */
const char *libpi_last_error(void);

/*
 The version of the library that is loaded, such as "0.1.0".
 */
const char *libpi_version(void);

/*
 The LIBPI_ABI_VERSION of the library that is loaded. A program that finds another number than
 the one it was compiled with must not call anything else.
 */
uint32_t libpi_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LIBPI_H */
