/* Arbitrary arguments for the calls of calls.c, and what is known about them: whether libpi must
 * accept them. One file includes this. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "libpi.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: failed: %s; last error: %s\n", __FILE__, __LINE__, #condition, \
                    libpi_last_error());                                                           \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The rest of the input. Past its end, every byte is zero. */
static const uint8_t *input;
static size_t left;

static uint8_t byte(void) {
    if (left == 0) {
        return 0;
    }
    left--;
    return *input++;
}

static uint64_t raw(void) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | byte();
    }
    return value;
}

/* A number that is small, near a power of two, near the edge of a block, or arbitrary. */
static uint64_t number(void) {
    uint64_t kind = byte(), near = (uint64_t)(int64_t)(int8_t)byte();
    switch (kind % 4) {
    case 0:
        return (uint8_t)near;
    case 1:
        return (1ULL << (kind / 4 % 64)) + near;
    case 2:
        return 65536ULL * (kind / 4 % 64) + near;
    default:
        return raw();
    }
}

/* A valid but small number of threads, because starting many tests only the system, or an invalid
 * one. */
static int32_t number_of_threads(void) {
    const int32_t wrong[] = {-1, 1025, INT32_MIN, INT32_MAX};
    uint8_t kind = byte();
    return kind % 16 < 9 ? kind % 16 : wrong[kind / 16 % 4];
}

static libpi_generator any_generator(void) {
    uint8_t kind = byte();
    return kind % 8 < 7 ? kind % 8 : (libpi_generator)raw();
}

/* An out-parameter, or NULL. It has its own allocation of the exact size, so that the sanitizer
 * sees every write outside it. */
typedef struct {
    void *place;
    unsigned char before[8];
    size_t size;
} out;

static out place(size_t size) {
    out made = {NULL, {0}, size};
    memset(made.before, 0xA5, sizeof made.before);
    if (byte() % 16 != 15) {
        made.place = malloc(size);
        CHECK(made.place != NULL);
        memcpy(made.place, made.before, size);
    }
    return made;
}

/* Whether an out-parameter is unchanged. */
static bool is_untouched(const out *o) {
    return o->place == NULL || memcmp(o->place, o->before, o->size) == 0;
}

static uint64_t value(const out *o) {
    uint64_t copy = 0;
    memcpy(&copy, o->place, o->size);
    return copy;
}

static double real(const out *o) {
    double copy = 0;
    memcpy(&copy, o->place, sizeof copy);
    return copy;
}

/* A name with its own allocation, or NULL, and whether libpi must accept it, if that is known. */
typedef struct {
    char *text;
    enum { NO, YES, UNKNOWN } is_usable;
} name;

static name copy_of(const char *text, size_t length, int is_usable) {
    name made = {malloc(length + 1), is_usable};
    CHECK(made.text != NULL);
    memcpy(made.text, text, length);
    made.text[length] = '\0';
    return made;
}

/* "auto", a name from the catalog, arbitrary bytes, or NULL. */
static name any_name(bool is_kernel, libpi_generator generator) {
    uint8_t kind = byte();
    if (kind % 8 == 0) {
        return (name){NULL, NO};
    }
    if (kind % 8 == 1) {
        char text[20];
        size_t length = byte() % sizeof text;
        for (size_t i = 0; i < length; i++) {
            text[i] = (char)byte();
        }
        return copy_of(text, length, UNKNOWN);
    }
    if (kind % 8 == 2) {
        return copy_of("auto", 4, YES);
    }
    const char *text = NULL, *missing = NULL;
    libpi_generator of = generator;
    libpi_status status = is_kernel ? libpi_kernel_at(byte() % 64, &of, &text, &missing)
                                    : libpi_driver_at(byte() % 8, &text, &missing);
    if (status != LIBPI_OK) {
        return copy_of("", 0, NO);
    }
    /* The name is that of another generator's kernel: this generator may or may not have it. */
    return copy_of(text, strlen(text), of != generator ? UNKNOWN : missing == NULL ? YES : NO);
}

static bool is_serial(const name *driver) {
    return driver->text != NULL && strcmp(driver->text, "serial") == 0;
}

static bool are_threads_right(int32_t threads, bool serial) {
    return serial ? threads == 0 || threads == 1 : 0 <= threads && threads <= 1024;
}

static bool is_range(uint64_t first, uint64_t count) {
    return count == 0 || first <= UINT64_MAX - (count - 1);
}

static bool is_seed(libpi_generator generator, uint64_t seed) {
    return generator != LIBPI_NPB || (seed % 2 == 1 && seed < 1ULL << 46);
}

/* Checks a status against what is known about the arguments. */
static void hold(libpi_status status, int is_right) {
    CHECK(LIBPI_OK <= status && status <= LIBPI_STOPPED && status != LIBPI_ERROR_PANIC);
    CHECK(strlen(libpi_status_text(status)) > 0);
    CHECK((libpi_last_kernel_error() != 0) == (status == LIBPI_ERROR_KERNEL));
    CHECK((status == LIBPI_OK) == (strlen(libpi_last_error()) == 0));
    CHECK(is_right == UNKNOWN || (status == LIBPI_OK) == (is_right == YES));
}

static int all_right(int a, int b) {
    return a == NO || b == NO ? NO : a == UNKNOWN || b == UNKNOWN ? UNKNOWN : YES;
}

#endif
