"""Counts with Numba, which compiles the loop of pure Python.

What you learn: a compiler makes the loop fast, without arrays. The types must be exact: Numba
computes with machine numbers, and mixing uint64 with int64 would give floating point. With `inline`
the compiler sees the whole loop at once, and counts several blocks with each instruction. `nogil`
releases the global interpreter lock, and `cache` keeps the compiled code in __pycache__ for the
next start.
"""

import numba
import numpy as np

import rung

MASK = np.uint64(2**32 - 1)
HALF = np.uint64(32)
TWO = np.uint64(2)
LIMIT = np.uint64(2**62)


@numba.njit(inline="always")
def philox(block, seed):
    """Computes four random words of 32 bits, as python_serial.py does."""
    c0, c1, c2, c3 = block & MASK, block >> HALF, np.uint64(0), np.uint64(0)
    k0, k1 = seed & MASK, seed >> HALF
    for _ in range(10):
        product0, product1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1 = product1 >> HALF ^ c1 ^ k0, product1 & MASK
        c2, c3 = product0 >> HALF ^ c3 ^ k1, product0 & MASK
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & MASK, (k1 + np.uint64(0xBB67AE85)) & MASK
    return c0, c1, c2, c3


@numba.njit(inline="always")
def is_inside(x, y):
    """Whether a point lies inside the circle. Its coordinates are signed words."""
    signed_x, signed_y = np.int64(np.int32(x)), np.int64(np.int32(y))
    return np.uint64(signed_x * signed_x) + np.uint64(signed_y * signed_y) < LIMIT


@numba.njit("uint64(uint64, uint64, uint64)", nogil=True, cache=True)
def count_range(seed, first, count):
    """Counts the samples from `first` on that lie inside the circle. A block has two samples."""
    hits = np.uint64(0)
    last = first + count - np.uint64(1)
    block = first // TWO
    while count > 0 and block <= last // TWO:
        x0, y0, x1, y1 = philox(block, seed)
        if block * TWO >= first:
            hits += np.uint64(is_inside(x0, y0))
        if block * TWO < last:
            hits += np.uint64(is_inside(x1, y1))
        block += np.uint64(1)
    return hits


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts on one thread."""
    return int(count_range(seed, first, count))


if __name__ == "__main__":
    rung.main(hits)
