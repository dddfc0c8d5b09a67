/* The same functions with the communicator as an integer, and a refusal, for libpi_mpi.f90 and for
 * wrappers in other languages. */
#include "ranks.h"

#include <stddef.h>

libpi_status libpi_mpi_hits_fint(MPI_Fint comm, libpi_generator generator, uint64_t seed,
                                 uint64_t first, uint64_t count, int32_t threads, uint64_t *hits) {
    return libpi_mpi_hits_with_fint(comm, "auto", "auto", generator, seed, first, count, threads,
                                    hits);
}

libpi_status libpi_mpi_hits_with_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                      libpi_generator generator, uint64_t seed, uint64_t first,
                                      uint64_t count, int32_t threads, uint64_t *hits) {
    MPI_Comm handle;
    libpi_status status = libpi_mpi_from_fint(comm, &handle);
    return status != LIBPI_OK ? status
                              : libpi_mpi_hits_with(handle, kernel, driver, generator, seed, first,
                                                    count, threads, hits);
}

libpi_status libpi_mpi_drive_context_fint(MPI_Fint comm, const char *driver,
                                          libpi_context_kernel kernel, void *context,
                                          uint64_t first, uint64_t count, uint64_t block,
                                          int32_t threads, uint64_t *hits) {
    MPI_Comm handle;
    libpi_status status = libpi_mpi_from_fint(comm, &handle);
    return status != LIBPI_OK ? status
                              : libpi_mpi_drive_context(handle, driver, kernel, context, first,
                                                        count, block, threads, hits);
}

libpi_status libpi_mpi_hits_progress_fint(MPI_Fint comm, const char *kernel, const char *driver,
                                          libpi_generator generator, uint64_t seed, uint64_t first,
                                          uint64_t count, int32_t threads, libpi_progress callback,
                                          void *user_data, uint64_t *hits, uint64_t *done) {
    MPI_Comm handle;
    libpi_status status = libpi_mpi_from_fint(comm, &handle);
    return status != LIBPI_OK
               ? status
               : libpi_mpi_hits_progress(handle, kernel, driver, generator, seed, first, count,
                                         threads, callback, user_data, hits, done);
}

libpi_status libpi_mpi_refuse_fint(MPI_Fint comm, libpi_status status, const char *reason) {
    MPI_Comm handle;
    struct ranks ranks;
    libpi_status found = libpi_mpi_from_fint(comm, &handle);
    if (found == LIBPI_OK) {
        found = libpi_mpi_find(handle, &ranks);
    }
    if (found != LIBPI_OK) {
        return found;
    }
    if (status == LIBPI_OK || reason == NULL) {
        status = LIBPI_ERROR_NULL;
        reason = "libpi_mpi_refuse_fint was called without an error: pass a status and a reason";
    }
    return libpi_mpi_share(&ranks, status, reason);
}
