/* The caller in C that calls libpi through libpi.h. */
#include "crossings.h"
#include "libpi.h"

uint64_t libpi_loop_c_checked(const char *kernel, uint64_t seed, uint64_t first, uint64_t count) {
    uint64_t answered = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t found = 1;
        if (libpi_hits_with(kernel, "serial", LIBPI_PHILOX, seed, first + i, 0, 1, &found) !=
            LIBPI_OK)
            return UINT64_MAX;
        answered += found == 0;
    }
    return answered;
}

uint64_t libpi_loop_c_checked_batches(const char *kernel, uint64_t seed, uint64_t first,
                                      uint64_t count, uint64_t batch) {
    uint64_t hits = 0, done = 0, found;
    while (done < count) {
        uint64_t left = count - done, size = batch < left ? batch : left;
        if (libpi_hits_with(kernel, "serial", LIBPI_PHILOX, seed, first + done, size, 1, &found) !=
            LIBPI_OK)
            return UINT64_MAX;
        hits += found;
        done += size;
    }
    return hits;
}
