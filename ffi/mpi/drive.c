/* The caller's own kernels over the ranks: they split a range at blocks, each runs its kernel over
 * its part, and a reduction adds up the hits. */
#include "ranks.h"

#include <stddef.h>

/* The part of a rank: whole blocks, counted from index 0 and clipped to the range. */
struct part {
    uint64_t first, count;
};

static struct part part_of(const struct ranks *ranks, uint64_t first, uint64_t count,
                           uint64_t block) {
    if (count == 0) {
        return (struct part){first, 0};
    }
    /* The last index instead of the end, because the end may be 2^64. */
    uint64_t last = first + (count - 1), lowest = first / block, blocks = last / block - lowest + 1;
    uint64_t size = (uint64_t)ranks->size, rank = (uint64_t)ranks->rank;
    /* The first ranks get one of the blocks that are left over. */
    uint64_t each = blocks / size, over = blocks % size;
    uint64_t mine = each + (rank < over ? 1 : 0),
             before = rank * each + (rank < over ? rank : over);
    if (mine == 0) {
        return (struct part){first, 0};
    }
    uint64_t from = before == 0 ? first : (lowest + before) * block;
    uint64_t to = before + mine == blocks ? last : (lowest + before + mine) * block - 1;
    return (struct part){from, to - from + 1};
}

libpi_status libpi_mpi_drive_context(MPI_Comm comm, const char *driver, libpi_context_kernel kernel,
                                     void *context, uint64_t first, uint64_t count, uint64_t block,
                                     int32_t threads, uint64_t *hits) {
    struct ranks ranks;
    libpi_status status = libpi_mpi_find(comm, &ranks);
    if (status != LIBPI_OK) {
        return status;
    }

    /* A call for 0 indices makes libpi check the arguments before any kernel runs. */
    uint64_t mine = 0, unused = 0;
    status = libpi_drive_context(driver, kernel, context, first, 0, block, threads,
                                 hits == NULL ? NULL : &mine);
    if (status == LIBPI_OK) {
        status = libpi_split(first, count, 1, 0, &unused, &unused);
    }
    status = libpi_mpi_share(&ranks, status, libpi_last_error());
    if (status == LIBPI_OK) {
        status = libpi_mpi_agree(&ranks, (struct call){"libpi_mpi_drive_context", .first = first,
                                                       .count = count, .block = block});
    }
    if (status != LIBPI_OK) {
        return status;
    }

    struct part part = part_of(&ranks, first, count, block == 0 ? 65536 : block);
    status =
        libpi_drive_context(driver, kernel, context, part.first, part.count, block, threads, &mine);
    uint64_t total = 0;
    status = libpi_mpi_add_up(&ranks, status, mine, &total);
    if (status != LIBPI_OK) {
        return status;
    }
    *hits = total;
    return libpi_mpi_succeed();
}
