/* The ranks agree on success or failure by collectives on the caller's communicator. Every rank
 * runs the same collectives, even after a failure of its own, so that no rank waits for ever. */
#include "ranks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(MPI_Fint) == sizeof(int), "libpi_mpi.f90 passes communicators as c_int");

static _Thread_local char last_error[1024];
static _Thread_local int32_t last_kernel_error;

const char *libpi_mpi_last_error(void) { return last_error; }

int32_t libpi_mpi_last_kernel_error(void) { return last_kernel_error; }

libpi_status libpi_mpi_fail(libpi_status status, const char *format, ...) {
    last_kernel_error = 0;
    va_list values;
    va_start(values, format);
    vsnprintf(last_error, sizeof last_error, format, values);
    va_end(values);
    return status;
}

libpi_status libpi_mpi_call_failed(const char *function, int code) {
    char reason[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(code, reason, &length);
    return libpi_mpi_fail(LIBPI_MPI_ERROR_CALL, "%s failed with code %d: %s", function, code,
                          reason);
}

/* Checks that MPI can be called. Only these two MPI functions may be called at any time. */
static libpi_status running(void) {
    libpi_status status = libpi_mpi_same_mpi();
    if (status != LIBPI_OK) {
        return status;
    }
    int initialized = 0, finalized = 0;
    TRY(MPI_Initialized, &initialized);
    TRY(MPI_Finalized, &finalized);
    if (initialized && !finalized) {
        return LIBPI_OK;
    }
    return libpi_mpi_fail(LIBPI_MPI_ERROR_STATE,
                          "MPI is %s: call libpi_mpi after MPI_Init and before MPI_Finalize",
                          finalized ? "already finalised" : "not initialised");
}

libpi_status libpi_mpi_from_fint(MPI_Fint number, MPI_Comm *comm) {
    /* MPI_Comm_f2c may be called only between MPI_Init and MPI_Finalize. */
    libpi_status status = running();
    if (status == LIBPI_OK) {
        *comm = MPI_Comm_f2c(number);
    }
    return status;
}

libpi_status libpi_mpi_find(MPI_Comm comm, struct ranks *ranks) {
    libpi_status status = running();
    if (status != LIBPI_OK) {
        return status;
    }
    int inter = 0;
    if (comm != MPI_COMM_NULL) {
        TRY(MPI_Comm_test_inter, comm, &inter);
    }
    if (comm == MPI_COMM_NULL || inter) {
        return libpi_mpi_fail(
            LIBPI_MPI_ERROR_COMMUNICATOR,
            "the communicator is %s: use an intra-communicator that the rank belongs to",
            inter ? "an inter-communicator" : "MPI_COMM_NULL");
    }
    ranks->comm = comm;
    TRY(MPI_Comm_rank, comm, &ranks->rank);
    TRY(MPI_Comm_size, comm, &ranks->size);
    return LIBPI_OK;
}

libpi_status libpi_mpi_share(const struct ranks *ranks, libpi_status status, const char *reason) {
    int failed = status == LIBPI_OK ? ranks->size : ranks->rank;
    TRY(MPI_Allreduce, MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MIN, ranks->comm);
    if (failed == ranks->size) {
        return LIBPI_OK;
    }
    /* The kernel's error number belongs to libpi's last call on this thread, which is the one that
     * failed. */
    int32_t numbers[] = {status, status == LIBPI_ERROR_KERNEL ? libpi_last_kernel_error() : 0};
    if (failed == ranks->rank) {
        libpi_mpi_fail(status, "on rank %d of %d: %s", ranks->rank, ranks->size, reason);
    }
    TRY(MPI_Bcast, numbers, 2, MPI_INT32_T, failed, ranks->comm);
    TRY(MPI_Bcast, last_error, sizeof last_error, MPI_CHAR, failed, ranks->comm);
    last_kernel_error = numbers[1];
    return numbers[0];
}

/* Each rank compares the values itself, because a reduction with MPI_MAX is not safe: some MPICH
 * (4.0.2) compares MPI_UINT64_T as signed numbers. */
libpi_status libpi_mpi_agree(const struct ranks *ranks, struct call call) {
    char function[40] = "", reason[200] = "";
    snprintf(function, sizeof function, "%s", call.function);
    TRY(MPI_Bcast, function, sizeof function, MPI_CHAR, 0, ranks->comm);
    const char *names[] = {"generator", "seed", "first", "count", "block"};
    const uint64_t given[] = {(uint64_t)call.generator, call.seed, call.first, call.count,
                              call.block};
    uint64_t wanted[LENGTH(given)];
    memcpy(wanted, given, sizeof wanted);
    TRY(MPI_Bcast, wanted, LENGTH(wanted), MPI_UINT64_T, 0, ranks->comm);
    if (strcmp(function, call.function) != 0) {
        snprintf(reason, sizeof reason,
                 "it calls %s, but rank 0 calls %s: call the same function on every rank",
                 call.function, function);
    }
    for (size_t i = 0; i < LENGTH(given) && reason[0] == '\0'; i++) {
        if (given[i] != wanted[i]) {
            snprintf(reason, sizeof reason,
                     "%s is %" PRIu64 ", but %" PRIu64 " on rank 0: give the same %s on every rank",
                     names[i], given[i], wanted[i], names[i]);
        }
    }
    return libpi_mpi_share(ranks, reason[0] == '\0' ? LIBPI_OK : LIBPI_MPI_ERROR_DISAGREE, reason);
}

libpi_status libpi_mpi_add_up(const struct ranks *ranks, libpi_status status, uint64_t part,
                              uint64_t *total) {
    status = libpi_mpi_share(ranks, status, libpi_last_error());
    if (status == LIBPI_OK) {
        TRY(MPI_Allreduce, &part, total, 1, MPI_UINT64_T, MPI_SUM, ranks->comm);
    }
    return status;
}

libpi_status libpi_mpi_succeed(void) {
    last_error[0] = '\0';
    last_kernel_error = 0;
    return LIBPI_OK;
}
