/* Checks libpi_mpi_drive_context and libpi_mpi_refuse_fint: sums, kernels that fail on one rank or
 * on all, and mistakes of one rank. Every rank runs this program and checks its own results. */
#include "mpi_check.h"

static const char *last_rank(void) {
    static char where[40];
    snprintf(where, sizeof where, "on rank %d of %d: ", size - 1, size);
    return where;
}

/* The caller's data. */
struct data {
    /* The longest part that a call may have; 0 for any. */
    uint64_t block;
    /* What the kernel returns for the index `at`. */
    int32_t error;
    uint64_t at;
};

/* Adds up the indices plus 1, so that an index that is left out or counted twice changes the sum.
 */
static int32_t indices(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    const struct data *data = context;
    CHECK(count > 0 && *hits == 0);
    if (data->block > 0) {
        CHECK(count <= data->block && first / data->block == (first + (count - 1)) / data->block);
    }
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (data->error != 0 && first + i == data->at) {
            *hits = 77;
            return data->error;
        }
        sum += first + i + 1;
    }
    *hits = sum;
    return 0;
}

/* The sum of first + 1 to first + count, modulo 2^64. */
static uint64_t sum_of(uint64_t first, uint64_t count) {
    uint64_t even = count % 2 == 0 ? count / 2 * (count + 1) : (count + 1) / 2 * count;
    return first * count + even;
}

static void sums(void) {
    const char *drivers[] = {"auto", "serial", "threads", "rayon", "openmp-c", "openmp-fortran"};
    /* Blocks that are longer than the range, that do not divide it, and fewer than the ranks. */
    const uint64_t blocks[] = {1, 7, 100, 65536, 0, 1000000, INT64_MAX};
    const struct {
        uint64_t first, count;
    } ranges[] = {{0, 1000}, {3, 997}, {65530, 200000},          {12, 1},
                  {99, 2},   {5, 0},   {UINT64_MAX - 999, 1000}, {UINT64_MAX - 199999, 199999}};
    for (size_t b = 0; b < 7; b++) {
        for (size_t r = 0; r < 8; r++) {
            uint64_t first = ranges[r].first, count = ranges[r].count, hits = 7;
            if (blocks[b] < 100 && blocks[b] > 0 && count > 1000) {
                continue; /* too many calls */
            }
            struct data data = {.block = blocks[b]};
            const char *driver = drivers[(b + r) % 6];
            int32_t threads = strcmp(driver, "serial") == 0 ? 1 : 1 + rank % 2;
            CHECK(libpi_mpi_drive_context(MPI_COMM_WORLD, driver, indices, &data, first, count,
                                          blocks[b], threads, &hits) == LIBPI_OK);
            CHECK(hits == sum_of(first, count) && strcmp(libpi_mpi_last_error(), "") == 0);
        }
    }
    uint64_t hits = 7;
    struct data data = {.block = 1};
    CHECK(libpi_mpi_drive_context_fint(MPI_Comm_c2f(MPI_COMM_WORLD), "auto", indices, &data, 0, 50,
                                       1, 0, &hits) == LIBPI_OK);
    CHECK(hits == 50 * 51 / 2);
}

/* Calls with a kernel that fails at the index `at` with an error number, or not if that is 0. */
static libpi_status drive(int32_t error, uint64_t at, uint64_t *hits) {
    struct data data = {.block = 10, .error = error, .at = at};
    return libpi_mpi_drive_context(MPI_COMM_WORLD, "auto", indices, &data, 0, 1000, 10, 1, hits);
}

static void failures(void) {
    const int32_t errors[] = {1, -1, 5, -7, INT32_MAX, INT32_MIN, LIBPI_ERROR_SEED};
    for (size_t i = 0; i < 7; i++) {
        uint64_t hits = 7;
        /* The last index is in the part of the last rank: the kernels of the others succeed. */
        all_fail(drive(errors[i], 999, &hits), LIBPI_ERROR_KERNEL, last_rank(), "kernel");
        CHECK(libpi_mpi_last_kernel_error() == errors[i] && hits == 7);
        /* Only the last rank has a kernel that fails, and at its first index. */
        uint64_t part_first =
            (uint64_t)(100 / size * rank + (rank < 100 % size ? rank : 100 % size)) * 10;
        all_fail(drive(rank == size - 1 ? errors[i] : 0, part_first, &hits), LIBPI_ERROR_KERNEL,
                 last_rank(), "kernel");
        CHECK(libpi_mpi_last_kernel_error() == errors[i] && hits == 7);
        /* The kernels of all ranks fail, each with another number. */
        all_fail(drive(errors[i] / 2 - rank - 1, part_first, &hits), LIBPI_ERROR_KERNEL,
                 "on rank 0 of ", "kernel");
        CHECK(libpi_mpi_last_kernel_error() == errors[i] / 2 - 1 && hits == 7);
        /* A success leaves no error number, nor does another error. */
        CHECK(drive(0, 0, &hits) == LIBPI_OK && hits == sum_of(0, 1000));
        CHECK(libpi_mpi_last_kernel_error() == 0);
        drive(errors[i], 999, &hits);
        fails(libpi_mpi_hits(MPI_COMM_NULL, 1, 42, 0, 1, 1, &hits), LIBPI_MPI_ERROR_COMMUNICATOR,
              "MPI_COMM_NULL", "use");
        CHECK(libpi_mpi_last_kernel_error() == 0);
    }
}

/* Only the last rank makes a mistake, which all ranks find before any kernel runs. */
static void mistakes(void) {
    MPI_Comm comm = MPI_COMM_WORLD;
    int wrong = rank == size - 1;
    uint64_t hits = 7, n = (uint64_t)1 << 60;
    struct data data = {.block = 0};
    all_fail(
        libpi_mpi_drive_context(comm, wrong ? "opnmp" : "auto", indices, &data, 0, n, 1, 1, &hits),
        LIBPI_ERROR_NAME, last_rank(), "opnmp");
    all_fail(
        libpi_mpi_drive_context(comm, wrong ? NULL : "auto", indices, &data, 0, n, 1, 1, &hits),
        LIBPI_ERROR_NULL, last_rank(), "driver");
    all_fail(
        libpi_mpi_drive_context(comm, "auto", wrong ? NULL : indices, &data, 0, n, 1, 1, &hits),
        LIBPI_ERROR_NULL, last_rank(), "kernel");
    all_fail(
        libpi_mpi_drive_context(comm, "auto", indices, &data, 0, n, 1, 1, wrong ? NULL : &hits),
        LIBPI_ERROR_NULL, last_rank(), "hits");
    all_fail(libpi_mpi_drive_context(comm, "auto", indices, &data, 0, n,
                                     wrong ? (uint64_t)1 << 63 : 1, 1, &hits),
             LIBPI_ERROR_BLOCK, last_rank(), "block");
    all_fail(
        libpi_mpi_drive_context(comm, "auto", indices, &data, 0, n, 1, wrong ? 1025 : 1, &hits),
        LIBPI_ERROR_THREADS, last_rank(), "1025");
    all_fail(libpi_mpi_drive_context(comm, "auto", indices, &data, UINT64_MAX, wrong ? 2 : 1, 1, 1,
                                     &hits),
             LIBPI_ERROR_RANGE, last_rank(), "2^64");
    if (size > 1) {
        all_fail(
            libpi_mpi_drive_context(comm, "auto", indices, &data, 0, 1000, wrong ? 2 : 1, 1, &hits),
            LIBPI_MPI_ERROR_DISAGREE, last_rank(), "block is 2, but 1 on rank 0");
        all_fail(libpi_mpi_drive_context(comm, "auto", indices, &data, wrong, 1000, 1, 1, &hits),
                 LIBPI_MPI_ERROR_DISAGREE, last_rank(), "first is 1, but 0 on rank 0");
        libpi_status status =
            wrong ? libpi_mpi_hits(comm, LIBPI_PHILOX, 0, 0, 1000, 1, &hits)
                  : libpi_mpi_drive_context(comm, "auto", indices, &data, 0, 1000, 0, 1, &hits);
        all_fail(status, LIBPI_MPI_ERROR_DISAGREE, last_rank(),
                 "it calls libpi_mpi_hits or libpi_mpi_hits_with, but rank 0 calls "
                 "libpi_mpi_drive_context");
    }
    CHECK(hits == 7);
}

/* The last rank refuses a call that the others make. */
static void refusals(void) {
    MPI_Fint comm = MPI_Comm_c2f(MPI_COMM_WORLD);
    uint64_t hits = 7, n = (uint64_t)1 << 60;
    struct data data = {.block = 0};
    int wrong = rank == size - 1;
    all_fail(wrong ? libpi_mpi_refuse_fint(comm, LIBPI_ERROR_RANGE, "too many apples")
                   : libpi_mpi_hits_fint(comm, LIBPI_PHILOX, 42, 0, n, 1, &hits),
             LIBPI_ERROR_RANGE, last_rank(), "too many apples");
    all_fail(
        wrong ? libpi_mpi_refuse_fint(comm, -5, "too many pears")
              : libpi_mpi_drive_context(MPI_COMM_WORLD, "auto", indices, &data, 0, n, 1, 1, &hits),
        -5, last_rank(), "too many pears");
    all_fail(wrong ? libpi_mpi_refuse_fint(comm, LIBPI_OK, "nothing")
                   : libpi_mpi_hits_fint(comm, LIBPI_PHILOX, 42, 0, n, 1, &hits),
             LIBPI_ERROR_NULL, last_rank(), "without an error");
    fails(libpi_mpi_refuse_fint(MPI_Comm_c2f(MPI_COMM_NULL), 1, "nothing"),
          LIBPI_MPI_ERROR_COMMUNICATOR, "MPI_COMM_NULL", "use");
    CHECK(hits == 7);
}

int main(int argc, char **argv) {
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    sums();
    failures();
    mistakes();
    refusals();
    sums();
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    if (rank == 0) {
        puts("all as the header says");
    }
    return 0;
}
