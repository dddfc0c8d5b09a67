/* Checks libpi_mpi_hits_progress: whole counts, stops by one rank, and mistakes of one rank. Every
 * rank runs this program and checks its own results. */
#include "mpi_check.h"

#define SEED 42

/* More samples than three spans have, and few enough to count them all if nothing stops the count.
 */
#define LONG ((uint64_t)1 << 26)

/* What a callback sees and does. */
struct watch {
    uint64_t first, count, last;
    int calls;
    /* The number of the call that returns `answer`; 0 for none. */
    int stops_at;
    int32_t answer;
};

static int32_t watch(void *user_data, uint64_t done, uint64_t count) {
    struct watch *seen = user_data;
    seen->calls++;
    CHECK(count == seen->count && done > seen->last && done <= count);
    /* A span ends at a block or at the end of the range. */
    CHECK(done == count || (seen->first + done) % 65536 == 0);
    seen->last = done;
    /* All ranks are here at the same point: they may call MPI. */
    uint64_t same = done;
    MPI_Bcast(&same, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    CHECK(same == done);
    return seen->calls == seen->stops_at ? seen->answer : 0;
}

static void whole_counts(void) {
    const struct {
        libpi_generator generator;
        uint64_t seed, first, count, hits;
    } known[] = {
        {LIBPI_PHILOX, SEED, 0, 10000000, 7855825},
        {LIBPI_PHILOX, SEED, 999999, 1000001, 785622},
        {LIBPI_PHILOX, SEED, UINT64_MAX - 777776, 777777, 610569},
        {LIBPI_NPB, 271828183, 0, 1 << 24, 13176389},
        {LIBPI_NPB, 271828183, 65535, 1000003, 785678},
        {LIBPI_XOSHIRO, SEED, 65530, 12, 6},
        {LIBPI_XOSHIRO, SEED, 77, 0, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct watch seen = {.first = known[i].first, .count = known[i].count};
        uint64_t hits = 7, done = 7;
        CHECK(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", known[i].generator,
                                      known[i].seed, known[i].first, known[i].count, 1 + rank % 2,
                                      watch, &seen, &hits, &done) == LIBPI_OK);
        CHECK(hits == known[i].hits && done == known[i].count && seen.last == done);
        CHECK((seen.calls == 0) == (done == 0) && strcmp(libpi_mpi_last_error(), "") == 0);
    }
    /* No rank needs calls. */
    uint64_t hits = 7, done = 7;
    CHECK(libpi_mpi_hits_progress_fint(MPI_Comm_c2f(MPI_COMM_WORLD), "rust", "rayon", LIBPI_PHILOX,
                                       SEED, 0, 10000000, 0, NULL, NULL, &hits, &done) == LIBPI_OK);
    CHECK(hits == 7855825 && done == 10000000);
}

static int32_t stop(void *user_data, uint64_t done, uint64_t count) {
    (void)done, (void)count;
    ++*(int *)user_data;
    return 1;
}

/* The rank `stopper` stops a count at a call of its callback. The hits so far are those that one
 * process counts, and a second call counts the rest. */
static void stops_by(int stopper, int stops_at, int32_t answer) {
    const uint64_t first = 1000, count = LONG;
    struct watch seen = {.first = first, .count = count};
    if (rank == stopper) {
        seen.stops_at = stops_at;
        seen.answer = answer;
    }
    uint64_t hits = 7, done = 7, alone = 7;
    char where[60];
    snprintf(where, sizeof where, "by the callback of rank %d of %d after ", stopper, size);
    all_fail(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", LIBPI_PHILOX, SEED, first,
                                     count, 1, watch, &seen, &hits, &done),
             LIBPI_STOPPED, where, "samples");
    CHECK(seen.calls == stops_at && seen.last == done && libpi_mpi_last_kernel_error() == 0);
    CHECK(libpi_hits(LIBPI_PHILOX, SEED, first, done, 0, &alone) == LIBPI_OK && hits == alone);

    uint64_t rest = 1000003, total = 7, more = 7;
    CHECK(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", LIBPI_PHILOX, SEED, first + done,
                                  rest, 1, NULL, NULL, &more, &rest) == LIBPI_OK);
    CHECK(libpi_hits(LIBPI_PHILOX, SEED, first, done + rest, 0, &total) == LIBPI_OK);
    CHECK(rest == 1000003 && hits + more == total);
}

static void stops(void) {
    for (int stopper = 0; stopper < size; stopper++) {
        stops_by(stopper, 1, 1);
        stops_by(stopper, 3, stopper % 2 == 0 ? INT32_MIN : -1);
    }
    /* Only one rank has a callback. */
    uint64_t hits = 7, done = 7;
    int calls = 0;
    all_fail(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", LIBPI_PHILOX, SEED, 0, LONG, 1,
                                     rank == size - 1 ? stop : NULL, &calls, &hits, &done),
             LIBPI_STOPPED, "stopped by", "samples");
    CHECK(calls == (rank == size - 1) && done == 65536 * (uint64_t)size);
    /* All ranks stop: the message names the first. */
    all_fail(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", LIBPI_PHILOX, SEED, 0, LONG, 1,
                                     stop, &calls, &hits, &done),
             LIBPI_STOPPED, "of rank 0 of ", "samples");
    /* A wish to stop after the last sample is too late. */
    CHECK(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", LIBPI_PHILOX, SEED, 0, 65536, 1,
                                  stop, &calls, &hits, &done) == LIBPI_OK);
    CHECK(done == 65536 && strcmp(libpi_mpi_last_error(), "") == 0);
}

/* Only the last rank makes a mistake, which all ranks find before they count. */
static void mistakes(void) {
    int wrong = rank == size - 1;
    const uint64_t n = (uint64_t)1 << 60;
    uint64_t hits = 7, done = 7;
    char where[40];
    snprintf(where, sizeof where, "on rank %d of %d: ", size - 1, size);
#define PROGRESS(kernel, generator, seed, count, threads, hits, done)                              \
    libpi_mpi_hits_progress(MPI_COMM_WORLD, kernel, "auto", generator, seed, 0, count, threads,    \
                            NULL, NULL, hits, done)
    all_fail(PROGRESS(wrong ? "rast" : "rust", 1, SEED, n, 1, &hits, &done), LIBPI_ERROR_NAME,
             where, "rast");
    all_fail(PROGRESS("rust", wrong ? 99 : 1, SEED, n, 1, &hits, &done), LIBPI_ERROR_GENERATOR,
             where, "99");
    all_fail(PROGRESS("rust", LIBPI_NPB, wrong ? 2 : 3, n, 1, &hits, &done), LIBPI_ERROR_SEED,
             where, "odd");
    all_fail(PROGRESS("rust", 1, SEED, n, wrong ? -1 : 1, &hits, &done), LIBPI_ERROR_THREADS, where,
             "-1");
    all_fail(PROGRESS("rust", 1, SEED, n, 1, wrong ? NULL : &hits, &done), LIBPI_ERROR_NULL, where,
             "hits");
    all_fail(PROGRESS("rust", 1, SEED, n, 1, &hits, wrong ? NULL : &done), LIBPI_ERROR_NULL, where,
             "done");
    if (size > 1) {
        all_fail(PROGRESS("rust", 1, SEED, wrong ? n - 1 : n, 1, &hits, &done),
                 LIBPI_MPI_ERROR_DISAGREE, where, "count is");
        all_fail(wrong ? libpi_mpi_hits(MPI_COMM_WORLD, 1, SEED, 0, n, 1, &hits)
                       : PROGRESS("rust", 1, SEED, n, 1, &hits, &done),
                 LIBPI_MPI_ERROR_DISAGREE, where, "but rank 0 calls libpi_mpi_hits_progress");
    }
    CHECK(hits == 7 && done == 7);
}

int main(int argc, char **argv) {
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    whole_counts();
    stops();
    mistakes();
    whole_counts();
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    if (rank == 0) {
        puts("all as the header says");
    }
    return 0;
}
