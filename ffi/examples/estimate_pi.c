/* Estimates pi from a million samples, with one thread for each usable CPU.
 *
 *     cc estimate_pi.c -lpi -o estimate_pi */
#include <inttypes.h>
#include <libpi.h>
#include <stdio.h>

int main(void) {
    uint64_t count = 1000000, hits = 0;
    double pi = 0, standard_error = 0, lower = 0, upper = 0;

    if (libpi_hits(LIBPI_PHILOX, 42, 0, count, 0, &hits) != LIBPI_OK ||
        libpi_estimate(hits, count, &pi, &standard_error) != LIBPI_OK ||
        libpi_interval(hits, count, &lower, &upper) != LIBPI_OK) {
        fprintf(stderr, "libpi: %s\n", libpi_last_error());
        return 1;
    }
    printf("%" PRIu64 " hits of %" PRIu64 " samples\n", hits, count);
    printf("pi = %.6f, standard error %.6f\n", pi, standard_error);
    printf("95%% interval %.6f to %.6f\n", lower, upper);
    return 0;
}
