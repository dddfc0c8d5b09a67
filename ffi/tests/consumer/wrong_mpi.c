/* A program that is linked to the libpi_mpi of another MPI gets an error, before and after
 * MPI_Init, and does not crash. Prints the message. */
#include "libpi_mpi.h"

#include "check.h"

int main(int argc, char **argv) {
    uint64_t hits = 7, done = 7;
    for (int turn = 0; turn < 2; turn++) {
        CHECK(libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, 42, 0, 1000, 1, &hits) ==
              LIBPI_MPI_ERROR_LIBRARY);
        CHECK(libpi_mpi_hits_fint(0, LIBPI_PHILOX, 42, 0, 1000, 1, &hits) ==
              LIBPI_MPI_ERROR_LIBRARY);
        CHECK(libpi_mpi_drive_context(MPI_COMM_WORLD, "auto", NULL, NULL, 0, 1000, 1, 1, &hits) ==
              LIBPI_MPI_ERROR_LIBRARY);
        CHECK(libpi_mpi_hits_progress(MPI_COMM_WORLD, "auto", "auto", LIBPI_PHILOX, 42, 0, 1000, 1,
                                      NULL, NULL, &hits, &done) == LIBPI_MPI_ERROR_LIBRARY);
        CHECK(libpi_mpi_refuse_fint(0, LIBPI_ERROR_RANGE, "") == LIBPI_MPI_ERROR_LIBRARY);
        CHECK(hits == 7 && done == 7);
        if (turn == 0 && argc == 1) {
            MPI_Init(&argc, &argv);
        }
    }
    puts(libpi_mpi_last_error());
    return 0;
}
