/* Each rank counts its part with a kernel in one language under a driver in another. The total is
 * always the same.
 *
 *     mpicc mixed.c $(pkg-config --cflags --libs libpi_mpi) -o mixed
 *     mpiexec -n 3 ./mixed */
#include <inttypes.h>
#include <libpi_mpi.h>
#include <stdio.h>

static const uint64_t seed = 42, first = 0, count = 10000000;
static const char *kernels[] = {"rust", "c", "fortran"};
static const char *drivers[] = {"openmp-c", "openmp-fortran", "rayon"};

int main(int argc, char **argv) {
    int rank = 0, size = 0, provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    for (int turn = 0; turn < 3; turn++) {
        const char *kernel = kernels[(rank + turn) % 3], *driver = drivers[(rank + turn) % 3];
        uint64_t hits = 0;
        libpi_status status = libpi_mpi_hits_with(MPI_COMM_WORLD, kernel, driver, LIBPI_PHILOX,
                                                  seed, first, count, 2, &hits);
        if (status != LIBPI_OK) { /* the same on all ranks, so all reach MPI_Finalize */
            if (rank == 0) {
                fprintf(stderr, "libpi: %s\n", libpi_mpi_last_error());
            }
            MPI_Finalize();
            return 1;
        }
        if (rank == 0) {
            printf("%" PRIu64 " hits, from %s under %s on rank 0 of %d\n", hits, kernel, driver,
                   size);
        }
    }

    double pi = 0, standard_error = 0;
    uint64_t hits = 0;
    if (libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, seed, count, count, 1, &hits) == LIBPI_OK &&
        libpi_estimate(hits, count, &pi, &standard_error) == LIBPI_OK && rank == 0) {
        printf("the next %" PRIu64 " samples: pi = %.6f, standard error %.6f\n", count, pi,
               standard_error);
    }
    MPI_Finalize();
    return 0;
}
