/* Counts over the ranks: they split a range, each counts its part, and a reduction adds up the
 * counts. */
#include "ranks.h"

#include <stddef.h>

/* The name by which the ranks compare which function they call. */
#define HITS "libpi_mpi_hits or libpi_mpi_hits_with"

libpi_status libpi_mpi_hits(MPI_Comm comm, libpi_generator generator, uint64_t seed, uint64_t first,
                            uint64_t count, int32_t threads, uint64_t *hits) {
    return libpi_mpi_hits_with(comm, "auto", "auto", generator, seed, first, count, threads, hits);
}

libpi_status libpi_mpi_hits_with(MPI_Comm comm, const char *kernel, const char *driver,
                                 libpi_generator generator, uint64_t seed, uint64_t first,
                                 uint64_t count, int32_t threads, uint64_t *hits) {
    struct ranks ranks;
    libpi_status status = libpi_mpi_find(comm, &ranks);
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
    status = libpi_mpi_share(&ranks, status, libpi_last_error());
    if (status == LIBPI_OK) {
        status =
            libpi_mpi_agree(&ranks, (struct call){HITS, generator, seed, first, count, .block = 0});
    }
    if (status != LIBPI_OK) {
        return status;
    }

    status =
        libpi_hits_with(kernel, driver, generator, seed, part_first, part_count, threads, &part);
    uint64_t total = 0;
    status = libpi_mpi_add_up(&ranks, status, part, &total);
    if (status != LIBPI_OK) {
        return status;
    }
    *hits = total;
    return libpi_mpi_succeed();
}
