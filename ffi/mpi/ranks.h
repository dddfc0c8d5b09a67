/* What the functions of libpi_mpi share. Users include libpi_mpi.h only. */
#ifndef LIBPI_MPI_RANKS_H
#define LIBPI_MPI_RANKS_H

#include "libpi_mpi.h"

/* The place of the calling process in a communicator. */
struct ranks {
    MPI_Comm comm;
    int rank, size;
};

/* What all ranks must pass alike; 0 where a function has no such argument. */
struct call {
    const char *function;
    libpi_generator generator;
    uint64_t seed, first, count, block;
};

/* libpi_mpi.so does not export what follows. */
#pragma GCC visibility push(hidden)

/* Records what went wrong, in the format of printf, and returns the status. */
libpi_status libpi_mpi_fail(libpi_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Records that an MPI function failed and returned, and returns the status. */
libpi_status libpi_mpi_call_failed(const char *function, int code);

/* Checks that the process uses the MPI that libpi_mpi was compiled for. */
libpi_status libpi_mpi_same_mpi(void);

/* Finds the communicator that an integer stands for. */
libpi_status libpi_mpi_from_fint(MPI_Fint number, MPI_Comm *comm);

/* Finds the caller's place in a communicator. Rejects communicators that libpi_mpi cannot use. */
libpi_status libpi_mpi_find(MPI_Comm comm, struct ranks *ranks);

/* Each rank passes its status and, for an error, the reason. Returns LIBPI_OK if no rank failed.
 * Otherwise all ranks get the status, the message and the error number of the kernel of the first
 * rank that failed. */
libpi_status libpi_mpi_share(const struct ranks *ranks, libpi_status status, const char *reason);

/* Checks that all ranks made the same call as rank 0. */
libpi_status libpi_mpi_agree(const struct ranks *ranks, struct call call);

/* Each rank passes the status of its count and, for LIBPI_OK, the count. Adds up the counts, modulo
 * 2^64. */
libpi_status libpi_mpi_add_up(const struct ranks *ranks, libpi_status status, uint64_t part,
                              uint64_t *total);

/* Ends a call that succeeded. */
libpi_status libpi_mpi_succeed(void);

#pragma GCC visibility pop

/* Calls an MPI function. If it fails, the function in which this stands returns. */
#define TRY(function, ...)                                                                         \
    do {                                                                                           \
        int code = function(__VA_ARGS__);                                                          \
        if (code != MPI_SUCCESS) {                                                                 \
            return libpi_mpi_call_failed(#function, code);                                         \
        }                                                                                          \
    } while (0)

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#endif /* LIBPI_MPI_RANKS_H */
