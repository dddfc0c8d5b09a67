/* libpi_mpi: libpi over the ranks of an MPI communicator. Compile and link with the compiler of
 * your MPI, so that this library and your program mean the same MPI:
 *
 *     mpicc program.c $(pkg-config --cflags --libs libpi_mpi)
 *
 * Conventions, besides those of libpi.h
 *
 * Collective. Every rank of the communicator makes the call. generator, seed, first and count are
 * the same on all of them; kernel, driver, threads, and which of the functions is called, in C or
 * Fortran, are each rank's own choice. All ranks get the same count.
 *
 * Errors. What goes wrong on one rank, or a disagreement of the ranks, is the same status and the
 * same message on all; nothing is written then, and the communicator can be used again. Mistakes in
 * arguments are found before anything is counted. Only what keeps a rank from talking to the others
 * is told to that rank alone: LIBPI_MPI_ERROR_STATE, LIBPI_MPI_ERROR_COMMUNICATOR and
 * LIBPI_MPI_ERROR_CALL.
 *
 * MPI. The caller starts and ends it; MPI_THREAD_SINGLE is enough, since only the calling thread
 * calls MPI. The communicator is not duplicated: it carries a few small blocking collectives in a
 * call, which by MPI's rules do not meet the caller's messages. As with any collective, no two
 * threads of a process may use one communicator at once. An MPI function that fails does what the
 * communicator's error handler says: MPI's default ends the job, under MPI_ERRORS_RETURN it is
 * LIBPI_MPI_ERROR_CALL. */
#ifndef LIBPI_MPI_H
#define LIBPI_MPI_H

#include "libpi.h"

#include <mpi.h>
#include <stdint.h>

/* MPI is not initialised yet, or finalised already. */
#define LIBPI_MPI_ERROR_STATE 101

/* The communicator is MPI_COMM_NULL or an inter-communicator. */
#define LIBPI_MPI_ERROR_COMMUNICATOR 102

/* The ranks gave different generators, seeds, firsts or counts. */
#define LIBPI_MPI_ERROR_DISAGREE 103

/* A function of MPI failed. */
#define LIBPI_MPI_ERROR_CALL 104

#ifdef __cplusplus
extern "C" {
#endif

/* Counts the hits among the samples [first, first + count) of a generator, each rank taking its
 * part as libpi_split gives it, with the best kernel on its CPU. The total, on every rank, depends
 * on generator, seed, first and count alone (with LIBPI_TEXTBOOK on the number of ranks too).
 *
 * threads is each rank's own: 1 to 1024, or 0 for the CPUs that the rank may use, which on one
 * machine are the same for all ranks unless the launcher binds them. */
libpi_status libpi_mpi_hits(MPI_Comm comm, libpi_generator generator, uint64_t seed, uint64_t first,
                            uint64_t count, int32_t threads, uint64_t *hits);

/* libpi_mpi_hits with a kernel and a driver chosen by name, as in libpi_hits_with. Ranks may choose
 * differently; the total of an exact generator stays the same. */
libpi_status libpi_mpi_hits_with(MPI_Comm comm, const char *kernel, const char *driver,
                                 libpi_generator generator, uint64_t seed, uint64_t first,
                                 uint64_t count, int32_t threads, uint64_t *hits);

/* libpi_mpi_hits for those who have the communicator as an integer: Fortran, comm%MPI_VAL of
 * mpi_f08, comm.py2f() of mpi4py. */
libpi_status libpi_mpi_hits_fint(MPI_Fint comm, libpi_generator generator, uint64_t seed,
                                 uint64_t first, uint64_t count, int32_t threads, uint64_t *hits);

/* libpi_mpi_hits_with for those who have the communicator as an integer. */
libpi_status libpi_mpi_hits_with_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                      libpi_generator generator, uint64_t seed, uint64_t first,
                                      uint64_t count, int32_t threads, uint64_t *hits);

/* What went wrong in this thread's last call of libpi_mpi, on which rank, cut to 1023 bytes; ""
 * after a success. Valid until the thread's next call of libpi_mpi. */
const char *libpi_mpi_last_error(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LIBPI_MPI_H */
