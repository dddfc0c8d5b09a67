/* The glue between client.R and libpi.so. R's numbers are doubles, exact up to 2^53. R has one
 * thread: its kernels run under the driver serial.
 *
 *     PKG_LIBS=-lpi R CMD SHLIB client.c
 */
#include <R.h>
#include <Rinternals.h>
#include <libpi.h>

/* Ends the call with what libpi says. R's error() jumps: call it when no frame of libpi is left. */
static void check(libpi_status status) {
    if (status == LIBPI_ERROR_KERNEL)
        error("error %d, kernel's %d", status, libpi_last_kernel_error());
    if (status != LIBPI_OK)
        error("error %d: %s", status, libpi_last_error());
}

SEXP client_hits(SEXP generator, SEXP seed, SEXP count) {
    uint64_t hits = 0;
    check(libpi_hits(asInteger(generator), (uint64_t)asReal(seed), 0, (uint64_t)asReal(count), 0,
                     &hits));
    return ScalarReal((double)hits);
}

/* Calls the function in R. R_tryEval stops an error of R's before it jumps over libpi. */
static int32_t kernel(void *function, uint64_t first, uint64_t count, uint64_t *hits) {
    int failed = 0;
    SEXP from = PROTECT(ScalarReal((double)first)), number = PROTECT(ScalarReal((double)count));
    SEXP call = PROTECT(lang3(function, from, number));
    SEXP answer = R_tryEvalSilent(call, R_GlobalEnv, &failed);
    if (!failed)
        *hits = (uint64_t)asReal(answer);
    UNPROTECT(3);
    return failed ? 42 : 0;
}

SEXP client_drive(SEXP function, SEXP count) {
    uint64_t hits = 0;
    check(libpi_drive_context("serial", kernel, function, 0, (uint64_t)asReal(count), 0, 1, &hits));
    return ScalarReal((double)hits);
}
