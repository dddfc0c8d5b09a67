/* A check that prints its condition when it fails. All consumers share it. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s; last error: %s\n", __FILE__, __LINE__, #condition,         \
                    libpi_last_error());                                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#endif
