/* Runs a kernel that can fail: it counts the readings below 0.5, and a reading that is no number is
 * an error.
 *
 *     cc failing_kernel.c -lpi -lm -o failing_kernel */
#include <inttypes.h>
#include <libpi.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NOT_A_NUMBER = 1 };

/* The context is the array of readings. Return 0, or an error number of your own. */
static int32_t below_half(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    const double *reading = context;
    for (uint64_t i = first; i < first + count; i++) {
        if (isnan(reading[i]))
            return NOT_A_NUMBER;
        *hits += reading[i] < 0.5;
    }
    return 0;
}

static void count(double *readings, uint64_t number) {
    uint64_t hits = 0;
    libpi_status status = libpi_drive_context("auto", below_half, readings, 0, number, 0, 0, &hits);
    if (status == LIBPI_OK)
        printf("%" PRIu64 " of %" PRIu64 " readings are below 0.5\n", hits, number);
    else if (status == LIBPI_ERROR_KERNEL && libpi_last_kernel_error() == NOT_A_NUMBER)
        printf("a reading is not a number\n");
    else
        printf("libpi: %s\n", libpi_last_error());
}

int main(void) {
    const uint64_t number = 2000000;
    double *readings = malloc(number * sizeof *readings);
    if (readings == NULL)
        return 1;
    for (uint64_t i = 0; i < number; i++)
        readings[i] = (double)i / (double)number;
    count(readings, number);
    readings[1234567] = NAN;
    count(readings, number);
    free(readings);
    return 0;
}
