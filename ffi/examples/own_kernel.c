/* Runs the program's own kernel under two drivers. The kernel counts squarefree numbers; their
 * share of all numbers tends to 6/pi^2.
 *
 *     cc own_kernel.c -lpi -lm -o own_kernel */
#include <inttypes.h>
#include <libpi.h>
#include <math.h>
#include <stdio.h>

/* libpi calls this from several threads at once, with a part of the range each. The kernel may use
 * the seed as it likes: here it is the first divisor. */
static uint64_t squarefree(uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t found = 0;
    for (uint64_t n = first; n < first + count; n++) {
        uint64_t d = seed;
        while (d * d <= n && n % (d * d) != 0) {
            d++;
        }
        found += d * d > n;
    }
    return found;
}

int main(void) {
    const char *drivers[] = {"rayon", "openmp-c"};
    for (int i = 0; i < 2; i++) {
        uint64_t count = 200000, found = 0;
        if (libpi_drive(drivers[i], squarefree, 2, 1, count, 2, &found) != LIBPI_OK) {
            fprintf(stderr, "libpi: %s\n", libpi_last_error());
            return 1;
        }
        printf("%s: %" PRIu64 " squarefree numbers, pi = %.4f\n", drivers[i], found,
               sqrt(6.0 * (double)count / (double)found));
    }
    return 0;
}
