/* The ranks split a range, each counts its part, and a reduction adds up the counts. The ranks
 * agree on success or failure by collectives on the caller's communicator. Every rank runs the same
 * collectives, even after a failure of its own, so that no rank waits for ever. */
#include "libpi_mpi.h"

#include <inttypes.h>
#include <stdio.h>

_Static_assert(sizeof(MPI_Fint) == sizeof(int), "libpi_mpi.f90 passes communicators as c_int");

/* The place of the calling process in a communicator. */
struct ranks {
    MPI_Comm comm;
    int rank, size;
};

static _Thread_local char last_error[1024];

const char *libpi_mpi_last_error(void) { return last_error; }

/* Records that an MPI function failed and returned, and gives the status. */
static libpi_status call_failed(const char *function, int code) {
    char reason[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(code, reason, &length);
    snprintf(last_error, sizeof last_error, "%s failed with code %d: %s", function, code, reason);
    return LIBPI_MPI_ERROR_CALL;
}

#define TRY(function, ...)                                                                         \
    do {                                                                                           \
        int code = function(__VA_ARGS__);                                                          \
        if (code != MPI_SUCCESS) {                                                                 \
            return call_failed(#function, code);                                                   \
        }                                                                                          \
    } while (0)

/* Checks that MPI can be called. Only these two MPI functions may be called at any time. */
static libpi_status running(void) {
    int initialized = 0, finalized = 0;
    TRY(MPI_Initialized, &initialized);
    TRY(MPI_Finalized, &finalized);
    if (initialized && !finalized) {
        return LIBPI_OK;
    }
    snprintf(last_error, sizeof last_error,
             "MPI is %s: call libpi_mpi after MPI_Init and before MPI_Finalize",
             finalized ? "already finalised" : "not initialised");
    return LIBPI_MPI_ERROR_STATE;
}

/* Finds the caller's place in a communicator. Rejects communicators that libpi_mpi cannot use. */
static libpi_status find(MPI_Comm comm, struct ranks *ranks) {
    libpi_status status = running();
    if (status != LIBPI_OK) {
        return status;
    }
    int inter = 0;
    if (comm != MPI_COMM_NULL) {
        TRY(MPI_Comm_test_inter, comm, &inter);
    }
    if (comm == MPI_COMM_NULL || inter) {
        snprintf(last_error, sizeof last_error,
                 "the communicator is %s: use an intra-communicator that the rank belongs to",
                 inter ? "an inter-communicator" : "MPI_COMM_NULL");
        return LIBPI_MPI_ERROR_COMMUNICATOR;
    }
    ranks->comm = comm;
    TRY(MPI_Comm_rank, comm, &ranks->rank);
    TRY(MPI_Comm_size, comm, &ranks->size);
    return LIBPI_OK;
}

/* Each rank passes its status and, for an error, the reason. Returns LIBPI_OK if no rank failed.
 * Otherwise all ranks get the status and the message of the first rank that failed. */
static libpi_status share(const struct ranks *ranks, libpi_status status, const char *reason) {
    int failed = status == LIBPI_OK ? ranks->size : ranks->rank;
    TRY(MPI_Allreduce, MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MIN, ranks->comm);
    if (failed == ranks->size) {
        return LIBPI_OK;
    }
    if (failed == ranks->rank) {
        snprintf(last_error, sizeof last_error, "on rank %d of %d: %s", ranks->rank, ranks->size,
                 reason);
    }
    TRY(MPI_Bcast, &status, 1, MPI_INT32_T, failed, ranks->comm);
    TRY(MPI_Bcast, last_error, sizeof last_error, MPI_CHAR, failed, ranks->comm);
    return status;
}

/* Checks that all ranks were given the same numbers as rank 0. Each rank compares them itself,
 * because a reduction with MPI_MAX is not safe: some MPICH (4.0.2) compares MPI_UINT64_T as signed
 * numbers. */
static libpi_status agree(const struct ranks *ranks, libpi_generator generator, uint64_t seed,
                          uint64_t first, uint64_t count) {
    const char *names[] = {"generator", "seed", "first", "count"};
    const uint64_t given[] = {(uint64_t)generator, seed, first, count};
    uint64_t wanted[] = {(uint64_t)generator, seed, first, count};
    TRY(MPI_Bcast, wanted, 4, MPI_UINT64_T, 0, ranks->comm);
    for (int i = 0; i < 4; i++) {
        if (given[i] != wanted[i]) {
            char reason[200];
            snprintf(reason, sizeof reason,
                     "%s is %" PRIu64 ", but %" PRIu64
                     " on rank 0: give the same generator, seed, first and count on every rank",
                     names[i], given[i], wanted[i]);
            return share(ranks, LIBPI_MPI_ERROR_DISAGREE, reason);
        }
    }
    return share(ranks, LIBPI_OK, "");
}

libpi_status libpi_mpi_hits(MPI_Comm comm, libpi_generator generator, uint64_t seed, uint64_t first,
                            uint64_t count, int32_t threads, uint64_t *hits) {
    return libpi_mpi_hits_with(comm, "auto", "auto", generator, seed, first, count, threads, hits);
}

libpi_status libpi_mpi_hits_with(MPI_Comm comm, const char *kernel, const char *driver,
                                 libpi_generator generator, uint64_t seed, uint64_t first,
                                 uint64_t count, int32_t threads, uint64_t *hits) {
    struct ranks ranks;
    libpi_status status = find(comm, &ranks);
    if (status != LIBPI_OK) {
        return status;
    }

    /* A call for 0 samples makes libpi check the arguments, also on a rank whose part is empty.
     * This comes before the work, which may take hours. */
    uint64_t part = 0, part_first = 0, part_count = 0;
    status = libpi_hits_with(kernel, driver, generator, seed, first, 0, threads,
                             hits == NULL ? NULL : &part);
    if (status == LIBPI_OK) {
        status = libpi_split(first, count, (uint64_t)ranks.size, (uint64_t)ranks.rank, &part_first,
                             &part_count);
    }
    status = share(&ranks, status, libpi_last_error());
    if (status == LIBPI_OK) {
        status = agree(&ranks, generator, seed, first, count);
    }
    if (status != LIBPI_OK) {
        return status;
    }

    status =
        libpi_hits_with(kernel, driver, generator, seed, part_first, part_count, threads, &part);
    status = share(&ranks, status, libpi_last_error());
    if (status != LIBPI_OK) {
        return status;
    }
    uint64_t total = 0;
    TRY(MPI_Allreduce, &part, &total, 1, MPI_UINT64_T, MPI_SUM, comm);
    *hits = total;
    last_error[0] = '\0';
    return LIBPI_OK;
}

libpi_status libpi_mpi_hits_fint(MPI_Fint comm, libpi_generator generator, uint64_t seed,
                                 uint64_t first, uint64_t count, int32_t threads, uint64_t *hits) {
    return libpi_mpi_hits_with_fint(comm, "auto", "auto", generator, seed, first, count, threads,
                                    hits);
}

libpi_status libpi_mpi_hits_with_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                      libpi_generator generator, uint64_t seed, uint64_t first,
                                      uint64_t count, int32_t threads, uint64_t *hits) {
    /* MPI_Comm_f2c may be called only between MPI_Init and MPI_Finalize. */
    libpi_status status = running();
    if (status != LIBPI_OK) {
        return status;
    }
    return libpi_mpi_hits_with(MPI_Comm_f2c(comm), kernel, driver, generator, seed, first, count,
                               threads, hits);
}
