/* A check that prints its condition when it fails, and a walk over the drivers. All consumers share
 * them. */
#ifndef CHECK_H
#define CHECK_H

#include "libpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s; last error: %s\n", __FILE__, __LINE__, #condition,         \
                    libpi_last_error());                                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Whether a call failed with this status and a message that contains a word. */
#define FAILS(call, expected, word)                                                                \
    CHECK((call) == (expected) && strstr(libpi_last_error(), (word)) != NULL)

/* The first driver from number *index on that can run here, or NULL. */
static inline const char *next_driver(uint32_t *index) {
    const char *name = NULL, *missing = NULL;
    while (libpi_driver_at((*index)++, &name, &missing) == LIBPI_OK)
        if (missing == NULL)
            return name;
    return NULL;
}

#define EACH_DRIVER(name)                                                                          \
    uint32_t index_of_driver = 0;                                                                  \
    for (const char *name; (name = next_driver(&index_of_driver)) != NULL;)

/* The number itself, or 1 for the driver serial. */
static inline int32_t threads_for(const char *driver, int32_t threads) {
    return strcmp(driver, "serial") == 0 ? 1 : threads;
}

#endif
