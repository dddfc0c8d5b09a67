/* Measures how much longer libpi_hits takes than a direct call of the kernel that it runs. Each
 * pair of runs counts the same samples in both ways. The result is the median difference within a
 * pair. call.sh builds and runs this. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <libpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The kernel that libpi_hits runs for philox on this CPU. call.sh gives it this name in the
 * archive. */
uint64_t libpi_called_kernel(uint64_t seed, uint64_t first, uint64_t count);

/* volatile keeps the compiler from inlining or removing the call. */
static const volatile libpi_kernel kernel = libpi_called_kernel;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Seconds for a call of the kernel through its pointer. Adds up the hits. */
static double by_pointer(uint64_t count, uint64_t calls, uint64_t *hits) {
    double start = now();
    for (uint64_t call = 0; call < calls; call++) {
        *hits += kernel(42, call * count, count);
    }
    return (now() - start) / (double)calls;
}

/* Seconds for a call of libpi_hits. Adds up the hits. */
static double by_library(uint64_t count, uint64_t calls, uint64_t *hits) {
    double start = now();
    for (uint64_t call = 0; call < calls; call++) {
        uint64_t more = 0;
        if (libpi_hits(LIBPI_PHILOX, 42, call * count, count, 1, &more) != LIBPI_OK) {
            fprintf(stderr, "libpi: %s\n", libpi_last_error());
            exit(1);
        }
        *hits += more;
    }
    return (now() - start) / (double)calls;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int number) {
    qsort(values, (size_t)number, sizeof *values, ascending);
    return values[number / 2];
}

static void compare(uint64_t count, uint64_t calls, int pairs) {
    double pointer[999], library[999], difference[999];
    for (int pair = -1; pair < pairs; pair++) {
        uint64_t hits[2] = {0, 0};
        double seconds[2] = {0, 0};
        /* The two take turns at going first. The first pair is the warm-up. */
        for (int turn = 0; turn < 2; turn++) {
            int one = (pair + turn) & 1;
            seconds[one] = (one ? by_library : by_pointer)(count, calls, &hits[one]);
        }
        if (hits[0] != hits[1]) {
            fprintf(stderr, "%" PRIu64 " hits through the pointer, but %" PRIu64 " from libpi\n",
                    hits[0], hits[1]);
            exit(1);
        }
        if (pair >= 0) {
            pointer[pair] = seconds[0];
            library[pair] = seconds[1];
            difference[pair] = seconds[1] - seconds[0];
        }
    }
    double direct = median(pointer, pairs);
    double more = median(difference, pairs);
    printf("count %10" PRIu64 ": pointer %.1f ns, libpi_hits %.1f ns, difference %+.1f ns"
           " (%+.2f %%), medians of %d pairs\n",
           count, 1e9 * direct, 1e9 * median(library, pairs), 1e9 * more, 100 * more / direct,
           pairs);
}

int main(void) {
    compare(1, 2000, 999);
    compare(1000, 100, 999);
    compare(1000000000, 1, 9);
    return 0;
}
