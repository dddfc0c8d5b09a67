/* Shows what an error gives: a status to branch on and a message to print. The result stays as it
 * was.
 *
 *     cc errors.c -lpi -o errors */
#include <inttypes.h>
#include <libpi.h>
#include <stdio.h>

static void report(libpi_status status) {
    printf("%d: %s\n", status, status == LIBPI_OK ? "done" : libpi_last_error());
}

int main(void) {
    uint64_t hits = 7;
    double pi = 0, standard_error = 0;

    report(libpi_hits(LIBPI_NPB, 42, 0, 1000, 0, &hits)); /* NPB needs an odd seed */
    report(libpi_hits_with("fortan", "auto", LIBPI_PHILOX, 42, 0, 1000, 0, &hits));
    report(libpi_estimate(0, 0, &pi, &standard_error));
    printf("hits is still %" PRIu64 "\n", hits);

    /* A program can handle some errors: here the best kernel replaces one that cannot run. */
    libpi_status status =
        libpi_hits_with("c@x86-64-v4", "auto", LIBPI_PHILOX, 42, 0, 1000, 0, &hits);
    if (status == LIBPI_ERROR_MISSING || status == LIBPI_ERROR_NAME) {
        status = libpi_hits(LIBPI_PHILOX, 42, 0, 1000, 0, &hits);
    }
    report(status);
    printf("hits is now %" PRIu64 "\n", hits);
    return 0;
}
