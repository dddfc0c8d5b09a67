/* libpi_mpi: libpi over the ranks of an MPI communicator. Compile and link with the compiler of
 * your MPI, because this library and your program must use the same MPI:
 *
 *     mpicc program.c $(pkg-config --cflags --libs libpi_mpi)
 *
 * Conventions, in addition to those of libpi.h
 *
 * Collective. Every rank of the communicator must make the call. generator, seed, first, count and
 * block must be the same on all ranks. Each rank chooses its own kernel, driver and number of
 * threads, and whether it calls from C or from Fortran. libpi_mpi_hits and libpi_mpi_hits_with are
 * one call in this sense. All ranks get the same count.
 *
 * Errors. If one rank fails, or if the ranks disagree, all ranks get the same status and the same
 * message. No rank writes its result then, and the communicator can be used again. libpi_mpi finds
 * mistakes in arguments before any rank counts. Only an error that keeps a rank from talking to the
 * others reaches that rank alone: LIBPI_MPI_ERROR_STATE, LIBPI_MPI_ERROR_COMMUNICATOR,
 * LIBPI_MPI_ERROR_CALL and LIBPI_MPI_ERROR_LIBRARY.
 *
 * MPI. The caller initialises and finalises MPI. MPI_THREAD_SINGLE is enough, because only the
 * calling thread calls MPI. libpi_mpi does not duplicate the communicator. Each call runs a few
 * small blocking collectives on it, which by MPI's rules do not mix with the caller's messages. As
 * with any collective, two threads of a process must not use one communicator at the same time. If
 * an MPI function fails, the communicator's error handler decides: MPI's default ends the job;
 * MPI_ERRORS_RETURN gives LIBPI_MPI_ERROR_CALL. */
#ifndef LIBPI_MPI_H
#define LIBPI_MPI_H

#include "libpi.h"

#include <mpi.h>
#include <stdint.h>

/* MPI is not initialised yet, or already finalised. */
#define LIBPI_MPI_ERROR_STATE 101

/* The communicator is MPI_COMM_NULL or an inter-communicator. */
#define LIBPI_MPI_ERROR_COMMUNICATOR 102

/* The ranks called different functions, or passed different values of generator, seed, first, count
 * or block. */
#define LIBPI_MPI_ERROR_DISAGREE 103

/* An MPI function failed. */
#define LIBPI_MPI_ERROR_CALL 104

/* The program uses another MPI than the one that libpi_mpi was compiled for. */
#define LIBPI_MPI_ERROR_LIBRARY 105

#ifdef __cplusplus
extern "C" {
#endif

/* Counts the hits among the samples [first, first + count) of a generator. Each rank counts the
 * part that libpi_split gives it, with the best kernel for its CPU. Every rank gets the total. It
 * depends only on generator, seed, first and count; with LIBPI_TEXTBOOK it also depends on the
 * kernels and on how the range is split.
 *
 * Each rank chooses its own number of threads: 1 to 1024, or 0 for libpi's default, one thread for
 * each CPU that the rank may use. Unless the launcher binds the ranks, all ranks on one machine may
 * use the same CPUs. */
libpi_status libpi_mpi_hits(MPI_Comm comm, libpi_generator generator, uint64_t seed, uint64_t first,
                            uint64_t count, int32_t threads, uint64_t *hits);

/* Does the same as libpi_mpi_hits with a kernel and a driver chosen by name, as in libpi_hits_with.
 * The ranks may choose different ones: the total stays the same, except with LIBPI_TEXTBOOK. */
libpi_status libpi_mpi_hits_with(MPI_Comm comm, const char *kernel, const char *driver,
                                 libpi_generator generator, uint64_t seed, uint64_t first,
                                 uint64_t count, int32_t threads, uint64_t *hits);

/* Runs the caller's own kernels, which can fail, over the ranks. Each rank runs its kernel with its
 * own context, as libpi_drive_context does, over its part of the range; every rank gets the sum,
 * modulo 2^64. A part consists of whole blocks of `block` indices, or of 65536 if block is 0. The
 * kernels must not call MPI, unless MPI was initialised with MPI_THREAD_MULTIPLE.
 *
 * If the kernel of a rank fails, all ranks get LIBPI_ERROR_KERNEL, and
 * libpi_mpi_last_kernel_error() returns the same error number on all of them: the one of the first
 * rank that failed. The other ranks hear of it when they have counted their parts. */
libpi_status libpi_mpi_drive_context(MPI_Comm comm, const char *driver, libpi_context_kernel kernel,
                                     void *context, uint64_t first, uint64_t count, uint64_t block,
                                     int32_t threads, uint64_t *hits);

/* Does the same as libpi_mpi_hits_with in spans of about a quarter of a second, as
 * libpi_hits_progress does. All ranks count the same span, and then each calls its callback with
 * the number of samples that are done on all ranks together. A rank that needs no calls passes
 * NULL.
 *
 * If the callback of any rank returns a number other than 0 before all samples are done, all ranks
 * stop after this span and return LIBPI_STOPPED. This is no error: every rank gets the exact hits
 * among the first `done` samples from `first` on. The message names the first rank that stopped.
 * With LIBPI_TEXTBOOK the count also depends on the spans, and so on the speed. As all ranks call
 * their callbacks at the same point, these may call MPI. */
libpi_status libpi_mpi_hits_progress(MPI_Comm comm, const char *kernel, const char *driver,
                                     libpi_generator generator, uint64_t seed, uint64_t first,
                                     uint64_t count, int32_t threads, libpi_progress callback,
                                     void *user_data, uint64_t *hits, uint64_t *done);

/* Does the same as libpi_mpi_hits with the communicator as an integer: the handle of Fortran's mpi
 * module, comm%MPI_VAL of mpi_f08, or comm.py2f() of mpi4py. */
libpi_status libpi_mpi_hits_fint(MPI_Fint comm, libpi_generator generator, uint64_t seed,
                                 uint64_t first, uint64_t count, int32_t threads, uint64_t *hits);

/* Does the same as libpi_mpi_hits_with with the communicator as an integer. */
libpi_status libpi_mpi_hits_with_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                      libpi_generator generator, uint64_t seed, uint64_t first,
                                      uint64_t count, int32_t threads, uint64_t *hits);

/* Does the same as libpi_mpi_drive_context with the communicator as an integer. */
libpi_status libpi_mpi_drive_context_fint(MPI_Fint comm, const char *driver,
                                          libpi_context_kernel kernel, void *context,
                                          uint64_t first, uint64_t count, uint64_t block,
                                          int32_t threads, uint64_t *hits);

/* Does the same as libpi_mpi_hits_progress with the communicator as an integer. */
libpi_status libpi_mpi_hits_progress_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                          libpi_generator generator, uint64_t seed, uint64_t first,
                                          uint64_t count, int32_t threads, libpi_progress callback,
                                          void *user_data, uint64_t *hits, uint64_t *done);

/* Takes part in the call that the other ranks make, with an error instead of a count: all ranks get
 * this status and this reason. For wrappers in other languages, which may find a mistake in an
 * argument before they can pass it on. The Fortran module calls it for a negative count. */
libpi_status libpi_mpi_refuse_fint(MPI_Fint comm, libpi_status status, const char *reason);

/* Returns what went wrong in this thread's last call of libpi_mpi, and on which rank, cut to 1023
 * bytes. After a success it returns "". The string is valid until the thread's next call of
 * libpi_mpi. */
const char *libpi_mpi_last_error(void);

/* Returns the error number that the kernel returned on the rank that failed, if this thread's last
 * call of libpi_mpi gave LIBPI_ERROR_KERNEL; otherwise 0. */
int32_t libpi_mpi_last_kernel_error(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LIBPI_MPI_H */
