/* A panic in any function gives a status and a message. No result is written, and the process goes
 * on. */
#define _POSIX_C_SOURCE 200809L

#include "libpi.h"

#include "check.h"

#include <string.h>

static void is_a_panic(libpi_status status) {
    CHECK(status == LIBPI_ERROR_PANIC);
    CHECK(strstr(libpi_last_error(), "please report it: forced by a test") != NULL);
}

static uint64_t all(uint64_t seed, uint64_t first, uint64_t count) {
    (void)seed, (void)first;
    return count;
}

static int32_t context(void *data, uint64_t first, uint64_t count, uint64_t *hits) {
    (void)data, (void)first;
    *hits = count;
    return 0;
}

static int32_t progress(void *data, uint64_t done, uint64_t count) {
    (void)data, (void)done, (void)count;
    return 0;
}

int main(void) {
    uint64_t hits = 7, other = 7;
    double value = 7, second = 7;
    libpi_generator generator = 7;
    const char *name = NULL, *missing = NULL;

    CHECK(setenv("LIBPI_FORCED_PANIC", "forced by a test", 1) == 0);
    is_a_panic(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 2, &hits));
    is_a_panic(libpi_hits_with("auto", "auto", LIBPI_PHILOX, 42, 0, 1000000, 2, &hits));
    is_a_panic(libpi_drive("auto", all, 0, 0, 1000000, 2, &hits));
    is_a_panic(libpi_drive_context("auto", context, NULL, 0, 1000000, 0, 2, &hits));
    is_a_panic(libpi_hits_progress("auto", "auto", LIBPI_PHILOX, 42, 0, 1000000, 2, progress, NULL,
                                   &hits, &other));
    is_a_panic(libpi_set_threads(2));
    CHECK(libpi_threads() == 0 && libpi_last_kernel_error() == 0);
    CHECK(strcmp(libpi_threads_rule(), "") == 0);
    is_a_panic(libpi_split(0, 1000000, 3, 1, &hits, &other));
    is_a_panic(libpi_estimate(785987, 1000000, &value, &second));
    is_a_panic(libpi_interval(785987, 1000000, &value, &second));
    is_a_panic(libpi_kernel_at(0, &generator, &name, &missing));
    is_a_panic(libpi_driver_at(0, &name, &missing));
    CHECK(hits == 7 && other == 7 && value == 7 && second == 7 && generator == 7 && name == NULL);

    CHECK(unsetenv("LIBPI_FORCED_PANIC") == 0);
    CHECK(libpi_hits(LIBPI_PHILOX, 42, 0, 1000000, 2, &hits) == LIBPI_OK && hits == 785987);
    CHECK(strcmp(libpi_last_error(), "") == 0);
    puts("all as the header says");
    return 0;
}
