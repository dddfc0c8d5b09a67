"""Runs a Python function as a kernel, through ctypes.

The function counts the readings below 0.5, and a reading that is no number is an error. The
exception reaches the caller, whatever thread it was raised on. Each call counts one block, so the
blocks are long. ctypes releases the interpreter's lock for the call and takes it in the kernel.

python failing_kernel.py
"""

import ctypes
import math
from collections.abc import Callable

LIBPI = ctypes.CDLL("libpi.so.1")
LIBPI.libpi_last_error.restype = ctypes.c_char_p
KERNEL = ctypes.CFUNCTYPE(
    ctypes.c_int32,
    ctypes.c_void_p,
    ctypes.c_uint64,
    ctypes.c_uint64,
    ctypes.POINTER(ctypes.c_uint64),
)
LIBPI.libpi_drive_context.argtypes = [
    ctypes.c_char_p,
    KERNEL,
    ctypes.c_void_p,
    ctypes.c_uint64,
    ctypes.c_uint64,
    ctypes.c_uint64,
    ctypes.c_int32,
    ctypes.POINTER(ctypes.c_uint64),
]


def drive(driver: str, kernel: Callable[[range], int], count: int, block: int) -> int:
    """Returns the sum of what the kernel returns for the blocks, or raises what it raises."""
    raised: list[BaseException] = []

    def call(_context: int, first: int, number: int, hits: "ctypes._Pointer") -> int:
        try:
            hits[0] = kernel(range(first, first + number))
        except BaseException as error:  # no exception may pass through libpi
            raised.append(error)
            return 1
        return 0

    hits = ctypes.c_uint64()
    status = LIBPI.libpi_drive_context(
        driver.encode(), KERNEL(call), None, 0, count, block, 0, hits
    )
    if raised:
        raise raised[0]
    if status:
        raise RuntimeError(LIBPI.libpi_last_error().decode())
    return hits.value


def main() -> None:
    """Counts twice: all readings are numbers, then one is not."""
    number = 200_000
    readings = [i / number for i in range(number)]

    def below_half(indices: range) -> int:
        for i in indices:
            if math.isnan(readings[i]):
                raise ValueError(f"reading {i} is not a number")
        return sum(readings[i] < 0.5 for i in indices)

    for _ in range(2):
        try:
            hits = drive("auto", below_half, number, block=20_000)
            print(f"{hits} of {number} readings are below 0.5")
        except ValueError as error:
            print(error)
        readings[123_456] = math.nan


if __name__ == "__main__":
    main()
