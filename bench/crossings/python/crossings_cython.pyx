# cython: language_level=3
# Cython.
#
# Build: cython $SRC/crossings_cython.pyx -o crossings_cython.c &&
#     cc -O3 -fPIC -shared -I$INCLUDE -I$SRC crossings_cython.c
#     -L. -lcallees_c -Wl,-rpath,'$ORIGIN' -o crossings_cython.so
from libc.stdint cimport uint64_t

cdef extern from "callees.h":
    uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count)
    uint64_t libpi_philox_c(uint64_t seed, uint64_t first, uint64_t count)


def callee(uint64_t seed, uint64_t first, uint64_t count):
    return libpi_callee_c(seed, first, count)


def kernel(uint64_t seed, uint64_t first, uint64_t count):
    return libpi_philox_c(seed, first, count)
