/* What the test programs with MPI check with. */
#ifndef MPI_CHECK_H
#define MPI_CHECK_H

#include "libpi_mpi.h"

#include "check.h"

#include <string.h>

/* The place of this process in MPI_COMM_WORLD. */
static int rank, size;

/* Checks the status of a failed call, and that the message contains these words. */
static inline void fails(libpi_status got, libpi_status expected, const char *word,
                         const char *another) {
    const char *said = libpi_mpi_last_error();
    if (got != expected || strstr(said, word) == NULL || strstr(said, another) == NULL) {
        fprintf(stderr, "status %d instead of %d, or '%s' or '%s' not in '%s'\n", got, expected,
                word, another, said);
        exit(1);
    }
}

/* Does the same as fails, and checks that all ranks have the same message. */
static inline void all_fail(libpi_status got, libpi_status expected, const char *word,
                            const char *another) {
    fails(got, expected, word, another);
    char said[1024] = "";
    strncpy(said, libpi_mpi_last_error(), sizeof said - 1);
    MPI_Bcast(said, sizeof said, MPI_CHAR, 0, MPI_COMM_WORLD);
    CHECK(strcmp(said, libpi_mpi_last_error()) == 0);
}

#endif /* MPI_CHECK_H */
