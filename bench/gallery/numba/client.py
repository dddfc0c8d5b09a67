"""Calls libpi.so: counts, shows an error, and has a kernel of Numba counted, which can fail.

The kernel is machine code: it runs on libpi's threads without the interpreter's lock.

    python client.py
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int32, c_uint64, c_void_p

import numba
from numba import carray, int32, types, uint64

PHILOX, NPB, KERNEL_FAILED = 1, 2, 15
FORBIDDEN = 42
MESSAGES = {FORBIDDEN: "index 500000 is forbidden"}

libpi = ctypes.CDLL("libpi.so.1")
u64, pointer = c_uint64, POINTER(c_uint64)
libpi.libpi_hits.argtypes = [c_int32, u64, u64, u64, c_int32, pointer]
libpi.libpi_last_error.restype = c_char_p
drive_context = libpi.libpi_drive_context
drive_context.argtypes = [c_char_p, c_void_p, c_void_p, u64, u64, u64, c_int32, pointer]


class LibpiError(Exception):
    """What libpi says about a status."""


def check(status):
    """Raises what libpi says. It belongs to this thread, so ask before the next call."""
    if status == KERNEL_FAILED:
        number = libpi.libpi_last_kernel_error()
        raise LibpiError(f"error {status}, kernel's {number}: {MESSAGES[number]}")
    if status != 0:
        raise LibpiError(f"error {status}: {libpi.libpi_last_error().decode()}")


numbers = types.CPointer(types.uint64)


@numba.cfunc(types.int32(numbers, types.uint64, types.uint64, numbers))
def multiples(context, first, count, hits):
    """Counts multiples. An exception would only be printed, so an error is a number."""
    divisor, forbidden = carray(context, 2)
    number = uint64(0)
    for i in range(count):
        if first + uint64(i) == forbidden:
            return int32(FORBIDDEN)
        number += uint64((first + uint64(i)) % divisor == 0)
    carray(hits, 1)[0] = number
    return int32(0)


def drive(forbidden):
    """Counts the multiples of 7 among the first million numbers, on two threads."""
    context = (c_uint64 * 2)(7, forbidden)
    hits = c_uint64()
    check(drive_context(b"threads", multiples.address, context, 0, 10**6, 0, 2, byref(hits)))
    print(hits.value, "of 1000000 numbers are multiples of 7")


def main():
    """Shows all three."""
    hits = c_uint64()
    check(libpi.libpi_hits(PHILOX, 42, 0, 10**6, 0, byref(hits)))
    print(hits.value, "of 1000000 samples are hits")
    for attempt in (
        lambda: check(libpi.libpi_hits(NPB, 42, 0, 10**6, 0, byref(hits))),
        lambda: drive(10**6),
        lambda: drive(500_000),
    ):
        try:
            attempt()
        except LibpiError as error:
            print(error)


main()
