/* The glue between caller.R, the empty function and libpi.so. R's numbers are doubles: a number of
 * 64 bits travels as the bits of a double, as in R's package bit64. */
#include "libpi.h"

#include <R.h>
#include <Rinternals.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);

static uint64_t bits(SEXP number) {
    uint64_t value;
    memcpy(&value, REAL(number), sizeof value);
    return value;
}

static SEXP with_bits(uint64_t value) {
    SEXP number = ScalarReal(0);
    memcpy(REAL(number), &value, sizeof value);
    return number;
}

SEXP caller_number(SEXP text) { return with_bits(strtoull(CHAR(asChar(text)), NULL, 10)); }

SEXP caller_text(SEXP number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, bits(number));
    return mkString(text);
}

SEXP caller_callee(SEXP seed, SEXP first, SEXP count) {
    return with_bits(libpi_callee_c(bits(seed), (uint64_t)asReal(first), (uint64_t)asReal(count)));
}

/* Returns the hits, or ends the call with what libpi says. */
SEXP caller_hits_with(SEXP kernel, SEXP driver, SEXP generator, SEXP seed, SEXP first, SEXP count,
                      SEXP threads) {
    uint64_t hits = 1;
    libpi_status status = libpi_hits_with(CHAR(asChar(kernel)), CHAR(asChar(driver)),
                                          asInteger(generator), bits(seed), (uint64_t)asReal(first),
                                          (uint64_t)asReal(count), asInteger(threads), &hits);
    if (status != LIBPI_OK)
        error("error %d: %s", status, libpi_last_error());
    return ScalarReal((double)hits);
}

SEXP caller_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ScalarReal((double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
}
