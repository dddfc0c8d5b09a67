/* A long count over the ranks that reports its progress and can be stopped. */
#include "ranks.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

/* The ranks split a range at multiples of this. */
#define BLOCK 65536

/* How long a span should take, in seconds. */
#define TARGET 0.25

struct job {
    const char *kernel, *driver;
    libpi_generator generator;
    uint64_t seed, first, count;
    int32_t threads;
    libpi_progress callback;
    void *user_data;
};

/* What all ranks know after each span. */
struct state {
    uint64_t hits, done;
    /* The length of the next span, before it is cut at a block. */
    uint64_t length;
    /* The first rank that wants to stop, or the number of ranks. */
    int stopped_by;
};

/* The length of the span that follows one of this length, which took so long. It grows by 8 at
 * most, because a short span says little about the speed. */
static uint64_t next_length(uint64_t length, double seconds, uint64_t least) {
    const uint64_t most = (uint64_t)1 << 62;
    double factor = seconds > TARGET / 8 ? TARGET / seconds : 8;
    double next = (double)length * factor;
    return next >= (double)most ? most : next <= (double)least ? least : (uint64_t)next;
}

/* Counts the next span on all ranks and calls the callback. */
static libpi_status count_span(const struct ranks *ranks, const struct job *job,
                               struct state *state) {
    uint64_t from = job->first + state->done, span = job->count - state->done;
    if (state->length < span) {
        span = state->length - (from + state->length) % BLOCK;
    }
    uint64_t part_first = 0, part_count = 0, part = 0, total = 0;
    double start = MPI_Wtime();
    libpi_status status = libpi_split(from, span, (uint64_t)ranks->size, (uint64_t)ranks->rank,
                                      &part_first, &part_count);
    if (status == LIBPI_OK) {
        status = libpi_hits_with(job->kernel, job->driver, job->generator, job->seed, part_first,
                                 part_count, job->threads, &part);
    }
    double seconds = MPI_Wtime() - start;
    status = libpi_mpi_add_up(ranks, status, part, &total);
    if (status != LIBPI_OK) {
        return status;
    }
    state->hits += total;
    state->done += span;

    bool goes_on =
        job->callback == NULL || job->callback(job->user_data, state->done, job->count) == 0;
    /* The largest values: the time of the slowest rank, and the wish of the first rank with one. */
    double values[] = {seconds, goes_on ? 0 : ranks->size - ranks->rank};
    TRY(MPI_Allreduce, MPI_IN_PLACE, values, 2, MPI_DOUBLE, MPI_MAX, ranks->comm);
    state->length = next_length(state->length, values[0], (uint64_t)ranks->size * BLOCK);
    state->stopped_by = ranks->size - (int)values[1];
    return LIBPI_OK;
}

libpi_status libpi_mpi_hits_progress(MPI_Comm comm, const char *kernel, const char *driver,
                                     libpi_generator generator, uint64_t seed, uint64_t first,
                                     uint64_t count, int32_t threads, libpi_progress callback,
                                     void *user_data, uint64_t *hits, uint64_t *done) {
    struct ranks ranks;
    libpi_status status = libpi_mpi_find(comm, &ranks);
    if (status != LIBPI_OK) {
        return status;
    }

    /* A call for 0 samples makes libpi check the arguments. */
    uint64_t unused = 0;
    status = libpi_hits_with(kernel, driver, generator, seed, first, 0, threads,
                             hits == NULL ? NULL : &unused);
    if (status == LIBPI_OK) {
        status = libpi_split(first, count, 1, 0, &unused, &unused);
    }
    const char *reason = libpi_last_error();
    if (status == LIBPI_OK && done == NULL) {
        status = LIBPI_ERROR_NULL;
        reason = "done is NULL: pass a valid pointer";
    }
    status = libpi_mpi_share(&ranks, status, reason);
    if (status == LIBPI_OK) {
        status = libpi_mpi_agree(&ranks, (struct call){"libpi_mpi_hits_progress", generator, seed,
                                                       first, count, .block = 0});
    }
    if (status != LIBPI_OK) {
        return status;
    }

    const struct job job = {kernel, driver,  generator, seed,     first,
                            count,  threads, callback,  user_data};
    struct state state = {.length = (uint64_t)ranks.size * BLOCK, .stopped_by = ranks.size};
    while (state.done < count && state.stopped_by == ranks.size) {
        status = count_span(&ranks, &job, &state);
        if (status != LIBPI_OK) {
            return status;
        }
    }
    *hits = state.hits;
    *done = state.done;
    if (state.done == count) {
        return libpi_mpi_succeed();
    }
    return libpi_mpi_fail(LIBPI_STOPPED,
                          "stopped by the callback of rank %d of %d after %" PRIu64 " of %" PRIu64
                          " samples",
                          state.stopped_by, ranks.size, state.done, count);
}
