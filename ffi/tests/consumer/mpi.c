/* Checks the contract of libpi_mpi.h: results, errors, and a rank that dies. The argument names the
 * part to check. Every rank runs this program and checks its own results. */
#define _POSIX_C_SOURCE 200809L

#include "mpi_check.h"

#include <signal.h>
#include <unistd.h>

/* The error code that MPI_Allreduce returns without doing its work, or MPI_SUCCESS. */
static int broken = MPI_SUCCESS;

int MPI_Allreduce(const void *from, void *to, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
    return broken == MPI_SUCCESS ? PMPI_Allreduce(from, to, n, type, op, comm) : broken;
}

static void answers_on(MPI_Comm comm) {
    MPI_Errhandler before, after;
    MPI_Comm_get_errhandler(comm, &before);
    for (int again = 0; again < 2; again++) {
        uint64_t hits = 7;
        CHECK(libpi_mpi_hits(comm, LIBPI_PHILOX, 42, 0, 1000000, 2, &hits) == LIBPI_OK);
        CHECK(hits == 785987 && strcmp(libpi_mpi_last_error(), "") == 0);
        CHECK(libpi_mpi_hits_with(comm, "c", "openmp-c", LIBPI_XOSHIRO, 42, 100000, 1000000, 1,
                                  &hits) == LIBPI_OK);
        CHECK(hits == 785378);
        MPI_Fint number = MPI_Comm_c2f(comm);
        CHECK(libpi_mpi_hits_fint(number, LIBPI_NPB, 271828183, 65535, 1000003, 0, &hits) ==
              LIBPI_OK);
        CHECK(hits == 785678);
        CHECK(libpi_mpi_hits_with_fint(number, "rust", "serial", LIBPI_PHILOX, 42,
                                       UINT64_MAX - 777776, 777777, 0, &hits) == LIBPI_OK);
        CHECK(hits == 610569);
        CHECK(libpi_mpi_hits(comm, LIBPI_PHILOX, 42, 5, 0, 0, &hits) == LIBPI_OK && hits == 0);
    }
    MPI_Comm_get_errhandler(comm, &after);
    CHECK(before == after);
}

static int copies = 0;

static int copied(MPI_Comm comm, int key, void *extra, void *value, void *copy, int *flag) {
    (void)comm, (void)key, (void)extra, (void)value, (void)copy;
    copies++;
    *flag = 0;
    return MPI_SUCCESS;
}

static void communicators(void) {
    /* libpi_mpi does not take messages that the caller receives from any source, with any tag. */
    int sent = rank, received = -1, key = 0;
    MPI_Request request;
    MPI_Irecv(&received, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &request);
    /* It does not copy the caller's attributes, as a duplicate of the communicator would. */
    MPI_Comm_create_keyval(copied, MPI_COMM_NULL_DELETE_FN, &key, NULL);
    MPI_Comm_set_attr(MPI_COMM_WORLD, key, &sent);
    answers_on(MPI_COMM_WORLD);
    CHECK(copies == 0);
    MPI_Comm_delete_attr(MPI_COMM_WORLD, key);
    MPI_Comm_free_keyval(&key);
    MPI_Send(&sent, 1, MPI_INT, (rank + 1) % size, 3, MPI_COMM_WORLD);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    CHECK(received == (rank + size - 1) % size);

    answers_on(MPI_COMM_SELF);
    MPI_Comm duplicate, half;
    MPI_Comm_dup(MPI_COMM_WORLD, &duplicate);
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &half);
    MPI_Comm_set_errhandler(half, MPI_ERRORS_RETURN);
    answers_on(half);
    answers_on(duplicate);
    int ranks_of_half = 0;
    MPI_Comm_size(half, &ranks_of_half);
    CHECK(ranks_of_half == (size + 1 - rank % 2) / 2);
    CHECK(MPI_Comm_free(&half) == MPI_SUCCESS && MPI_Comm_free(&duplicate) == MPI_SUCCESS);
    CHECK(half == MPI_COMM_NULL);
}

/* Only the last rank makes a mistake. */
static void errors_on_one_rank(void) {
    MPI_Comm comm = MPI_COMM_WORLD;
    int wrong = rank == size - 1;
    uint64_t n = 1000, hits = 7;
    char where[40];
    snprintf(where, sizeof where, "on rank %d of %d: ", size - 1, size);

    all_fail(libpi_mpi_hits_with(comm, wrong ? "rast" : "c", "auto", 1, 42, 0, n, 1, &hits),
             LIBPI_ERROR_NAME, where, "rast");
    all_fail(libpi_mpi_hits_with(comm, "c", wrong ? "opnmp" : "auto", 1, 42, 0, n, 1, &hits),
             LIBPI_ERROR_NAME, where, "opnmp");
    all_fail(libpi_mpi_hits_with(comm, wrong ? NULL : "c", "auto", 1, 42, 0, n, 1, &hits),
             LIBPI_ERROR_NULL, where, "kernel");
    all_fail(libpi_mpi_hits_with(comm, "c", wrong ? NULL : "auto", 1, 42, 0, n, 1, &hits),
             LIBPI_ERROR_NULL, where, "driver");
    all_fail(libpi_mpi_hits(comm, 1, 42, 0, n, 1, wrong ? NULL : &hits), LIBPI_ERROR_NULL, where,
             "hits");
    all_fail(libpi_mpi_hits(comm, 1, 42, 0, n, wrong ? 1025 : 1, &hits), LIBPI_ERROR_THREADS, where,
             "1025");
    all_fail(libpi_mpi_hits(comm, wrong ? 99 : 1, 42, 0, n, 1, &hits), LIBPI_ERROR_GENERATOR, where,
             "99");
    all_fail(libpi_mpi_hits(comm, LIBPI_NPB, wrong ? 2 : 3, 0, n, 1, &hits), LIBPI_ERROR_SEED,
             where, "odd");
    all_fail(libpi_mpi_hits(comm, 1, 42, UINT64_MAX, wrong ? 2 : 1, 1, &hits), LIBPI_ERROR_RANGE,
             where, "2^64");
    /* If several ranks fail, all get the message of the first one. */
    all_fail(libpi_mpi_hits(comm, 1, 42, 0, n, 1025 + rank, &hits), LIBPI_ERROR_THREADS,
             "on rank 0 of", "1025");
    CHECK(hits == 7);
}

/* libpi_mpi must find a mistake before the other ranks begin to count: this count would take for
 * ever. */
static void failure_before_work(void) {
    uint64_t n = (uint64_t)1 << 60, hits = 7;
    const char *kernel = rank == size - 1 ? "rast" : "c";
    all_fail(libpi_mpi_hits_with(MPI_COMM_WORLD, kernel, "auto", 1, 42, 0, n, 1, &hits),
             LIBPI_ERROR_NAME, "on rank", "rast");
    int32_t threads = rank == size - 1 ? 1025 : 1;
    all_fail(libpi_mpi_hits(MPI_COMM_WORLD, 1, 42, 0, n, threads, &hits), LIBPI_ERROR_THREADS,
             "on rank", "1025");
    CHECK(hits == 7);
}

static void disagreements(void) {
    if (size == 1) {
        return;
    }
    MPI_Comm comm = MPI_COMM_WORLD;
    uint64_t odd = rank == size - 1, n = 1000, hits = 7;
    char where[40];
    snprintf(where, sizeof where, "on rank %d of %d: ", size - 1, size);
    libpi_generator generator = odd ? LIBPI_XOSHIRO : LIBPI_PHILOX;
    all_fail(libpi_mpi_hits(comm, generator, 42, 0, n, 1, &hits), LIBPI_MPI_ERROR_DISAGREE, where,
             "generator is 3, but 1 on rank 0");
    all_fail(libpi_mpi_hits(comm, 1, odd ? UINT64_MAX : 42, 0, n, 1, &hits),
             LIBPI_MPI_ERROR_DISAGREE, where, "seed is 18446744073709551615, but 42 on rank 0");
    all_fail(libpi_mpi_hits(comm, 1, 42, odd, n, 1, &hits), LIBPI_MPI_ERROR_DISAGREE, where,
             "first is 1, but 0 on rank 0");
    all_fail(libpi_mpi_hits(comm, 1, 42, 0, n + odd, 1, &hits), LIBPI_MPI_ERROR_DISAGREE, where,
             "count is 1001, but 1000 on rank 0");
    CHECK(hits == 7);
}

static void unsuitable_communicators(void) {
    uint64_t hits = 7;
    fails(libpi_mpi_hits(MPI_COMM_NULL, 1, 42, 0, 1, 1, &hits), LIBPI_MPI_ERROR_COMMUNICATOR,
          "MPI_COMM_NULL", "use");
    fails(libpi_mpi_hits_fint(MPI_Comm_c2f(MPI_COMM_NULL), 1, 42, 0, 1, 1, &hits),
          LIBPI_MPI_ERROR_COMMUNICATOR, "MPI_COMM_NULL", "use");
    if (size > 1) {
        MPI_Comm half, between;
        MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
        MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, 1 - rank % 2, 9, &between);
        all_fail(libpi_mpi_hits(between, 1, 42, 0, 1, 1, &hits), LIBPI_MPI_ERROR_COMMUNICATOR,
                 "inter-communicator", "use");
        MPI_Comm_free(&between);
        MPI_Comm_free(&half);
    }
    broken = MPI_ERR_OTHER;
    fails(libpi_mpi_hits(MPI_COMM_WORLD, 1, 42, 0, 1, 1, &hits), LIBPI_MPI_ERROR_CALL,
          "MPI_Allreduce failed with code", "rror");
    broken = MPI_SUCCESS;
    CHECK(hits == 7);
}

static void contract(void) {
    communicators();
    errors_on_one_rank();
    disagreements();
    unsuitable_communicators();
    communicators();
}

struct known {
    libpi_generator generator;
    uint64_t seed, first, count, hits;
};

/* Ranges that the ranks cannot share evenly, with fewer blocks than ranks, without samples, and up
 * to the last index. */
static const struct known counts[] = {
    {LIBPI_PHILOX, 42, 999999, 1000001, 785622},
    {LIBPI_PHILOX, 42, 8589934591, 3, 2},
    {LIBPI_PHILOX, 42, UINT64_MAX - 777776, 777777, 610569},
    {LIBPI_NPB, 271828183, 65535, 1000003, 785678},
    {LIBPI_XOSHIRO, 42, 65530, 12, 6},
    {LIBPI_XOSHIRO, 42, 9223372036854275807, 1000003, 785692},
    {LIBPI_XOSHIRO, 42, 77, 0, 0},
};

/* Runs every driver with one language's kernel on all ranks, and with a different language on each
 * rank. */
static void product(void) {
    const char *kernels[] = {"rust", "c", "fortran"}, *driver = NULL, *missing = NULL;
    int cells = 0;
    for (uint32_t d = 0; libpi_driver_at(d, &driver, &missing) == LIBPI_OK; d++) {
        int32_t most = strcmp(driver, "serial") == 0 ? 1 : 3;
        for (int32_t threads = 1; threads <= most; threads++) {
            for (int k = 0; k < 4; k++) {
                const char *kernel = kernels[k < 3 ? k : rank % 3];
                const struct known *known = &counts[cells++ % 7];
                uint64_t hits = UINT64_MAX;
                CHECK(libpi_mpi_hits_with(MPI_COMM_WORLD, kernel, driver, known->generator,
                                          known->seed, known->first, known->count, threads,
                                          &hits) == LIBPI_OK);
                CHECK(hits == known->hits);
            }
        }
    }
    CHECK(cells == 4 * (1 + 4 * 3));
    for (int i = 0; i < 7; i++) {
        uint64_t hits = UINT64_MAX;
        CHECK(libpi_mpi_hits(MPI_COMM_WORLD, counts[i].generator, counts[i].seed, counts[i].first,
                             counts[i].count, 1 + rank % 2, &hits) == LIBPI_OK);
        CHECK(hits == counts[i].hits);
    }
}

/* Before MPI_Init and after MPI_Finalize, a call returns an error. */
static void outside(const char *word) {
    uint64_t hits = 7;
    fails(libpi_mpi_hits(MPI_COMM_WORLD, 1, 42, 0, 1, 1, &hits), LIBPI_MPI_ERROR_STATE, word,
          "MPI_Init");
    fails(libpi_mpi_hits_fint(0, 1, 42, 0, 1, 1, &hits), LIBPI_MPI_ERROR_STATE, word, "MPI_Init");
    CHECK(hits == 7);
}

/* One rank fails after the other ranks have begun to count. */
static void failure_at_work(void) {
    if (rank == size - 1) {
        setenv("LIBPI_NUM_THREADS", "many", 1);
    }
    uint64_t hits = 7, part = 1200003;
    all_fail(libpi_mpi_hits(MPI_COMM_WORLD, 1, 42, 0, part * (uint64_t)size, 0, &hits),
             LIBPI_ERROR_VARIABLE, "LIBPI_NUM_THREADS", "on rank");
    CHECK(hits == 7);
}

/* One rank dies, and the others wait for it: only the launcher can end them. */
static void death(void) {
    if (rank == size - 1) {
        raise(SIGKILL);
    }
    uint64_t hits = 0;
    libpi_mpi_hits(MPI_COMM_WORLD, 1, 42, 0, 1000, 1, &hits);
    pause();
}

/* Makes one call together with ranks that run other programs. */
static void together(void) {
    uint64_t hits = 0;
    CHECK(libpi_mpi_hits_with(MPI_COMM_WORLD, "rust", "openmp-c", LIBPI_PHILOX, 42, 0, 1000000, 2,
                              &hits) == LIBPI_OK);
    CHECK(hits == 785987);
}

int main(int argc, char **argv) {
    const char *part = argc > 1 ? argv[1] : "";
    CHECK(strcmp(libpi_mpi_last_error(), "") == 0);
    outside("not initialised");
    if (strcmp(part, "product") == 0) {
        MPI_Init(&argc, &argv); /* MPI_THREAD_SINGLE */
    } else {
        int provided = 0;
        MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
        CHECK(provided >= MPI_THREAD_FUNNELED);
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    if (strcmp(part, "contract") == 0) {
        contract();
    } else if (strcmp(part, "product") == 0) {
        product();
    } else if (strcmp(part, "failure-before-work") == 0) {
        failure_before_work();
    } else if (strcmp(part, "failure-at-work") == 0) {
        failure_at_work();
    } else if (strcmp(part, "death") == 0) {
        death();
    } else if (strcmp(part, "together") == 0) {
        together();
    } else {
        CHECK(!"the argument names a part");
    }

    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    outside("already finalised");
    if (rank == 0) {
        puts("all as the header says");
    }
    return 0;
}
