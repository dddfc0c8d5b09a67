/* The callee in C. */
#include "crossings.h"

uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count) {
    return (3 * seed ^ first) - count;
}
