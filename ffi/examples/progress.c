/* Counts for at most two seconds, and shows on the way how far it has got.
 *
 *     cc progress.c -lpi -o progress */
#include <inttypes.h>
#include <libpi.h>
#include <stdio.h>
#include <time.h>

/* libpi calls this several times a second, on the thread that called libpi_hits_progress. */
static int32_t show(void *user_data, uint64_t done, uint64_t count) {
    time_t end = *(const time_t *)user_data;
    fprintf(stderr, "\r%5.1f %%", 100.0 * (double)done / (double)count);
    return time(NULL) >= end; /* 1 stops the count */
}

int main(void) {
    uint64_t count = 1000000000000, hits = 0, done = 0;
    double pi = 0, standard_error = 0;
    time_t end = time(NULL) + 2;

    libpi_status status = libpi_hits_progress("auto", "auto", LIBPI_PHILOX, 42, 0, count, 0, show,
                                              &end, &hits, &done);
    if ((status != LIBPI_OK && status != LIBPI_STOPPED) ||
        libpi_estimate(hits, done, &pi, &standard_error) != LIBPI_OK) {
        fprintf(stderr, "libpi: %s\n", libpi_last_error());
        return 1;
    }
    fprintf(stderr, "\n");
    printf("%s: pi = %.2f\n", libpi_status_text(status), pi);
    return 0;
}
