/* libpi_mpi: libpi over the ranks of an MPI communicator. Compile and link with the compiler of
 * your MPI, because this library and your program must use the same MPI:
 *
 *     mpicc program.c $(pkg-config --cflags --libs libpi_mpi)
 *
 * Conventions, in addition to those of libpi.h
 *
 * Collective. Every rank of the communicator must make the call. generator, seed, first and count
 * must be the same on all ranks. Each rank chooses its own kernel, driver and number of threads,
 * and which of these functions it calls, from C or from Fortran. All ranks get the same count.
 *
 * Errors. If one rank fails, or if the ranks disagree, all ranks get the same status and the same
 * message. No rank writes its result then, and the communicator can be used again. libpi_mpi finds
 * mistakes in arguments before any rank counts. Only an error that keeps a rank from talking to the
 * others reaches that rank alone: LIBPI_MPI_ERROR_STATE, LIBPI_MPI_ERROR_COMMUNICATOR and
 * LIBPI_MPI_ERROR_CALL.
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

/* The ranks passed different values of generator, seed, first or count. */
#define LIBPI_MPI_ERROR_DISAGREE 103

/* An MPI function failed. */
#define LIBPI_MPI_ERROR_CALL 104

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

/* Does the same as libpi_mpi_hits with the communicator as an integer: the handle of Fortran's mpi
 * module, comm%MPI_VAL of mpi_f08, or comm.py2f() of mpi4py. */
libpi_status libpi_mpi_hits_fint(MPI_Fint comm, libpi_generator generator, uint64_t seed,
                                 uint64_t first, uint64_t count, int32_t threads, uint64_t *hits);

/* Does the same as libpi_mpi_hits_with with the communicator as an integer. */
libpi_status libpi_mpi_hits_with_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                      libpi_generator generator, uint64_t seed, uint64_t first,
                                      uint64_t count, int32_t threads, uint64_t *hits);

/* Returns what went wrong in this thread's last call of libpi_mpi, and on which rank, cut to 1023
 * bytes. After a success it returns "". The string is valid until the thread's next call of
 * libpi_mpi. */
const char *libpi_mpi_last_error(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LIBPI_MPI_H */
