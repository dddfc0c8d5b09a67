"""Counts with NumPy: the same arithmetic on arrays in place of numbers.

What you learn: NumPy's loops are compiled, so a call for a whole array costs little more than one
for a number. The price is memory: each operation writes an array. So this program counts a part at
a time whose arrays stay in the cache.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rung

Words = NDArray[np.uint64]

MASK = np.uint64(2**32 - 1)
HALF = np.uint64(32)

BLOCKS_AT_ONCE = 2**13


def philox(blocks: Words, seed: int) -> tuple[Words, Words, Words, Words]:
    """Computes four random words of 32 bits for each block, as python_serial.py does for one."""
    c0, c1 = blocks & MASK, blocks >> HALF
    c2 = c3 = np.zeros_like(blocks)
    k0, k1 = seed % 2**32, seed // 2**32
    for _ in range(10):
        product0, product1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1 = product1 >> HALF ^ c1 ^ np.uint64(k0), product1 & MASK
        c2, c3 = product0 >> HALF ^ c3 ^ np.uint64(k1), product0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def coordinates(seed: int, first: int, count: int) -> Iterator[tuple[Words, Words]]:
    """Gives the coordinates of all samples from `first` on. A block has two samples."""
    end = first + count
    for begin in range(first // 2, (end + 1) // 2, BLOCKS_AT_ONCE):
        size = min(BLOCKS_AT_ONCE, (end + 1) // 2 - begin)
        x0, y0, x1, y1 = philox(np.uint64(begin) + np.arange(size, dtype=np.uint64), seed)
        wanted = slice(max(first - 2 * begin, 0), end - 2 * begin)
        yield np.stack((x0, x1), axis=1).ravel()[wanted], np.stack((y0, y1), axis=1).ravel()[wanted]


def square(words: NDArray[Any]) -> Words:
    """The squares of words that are read as signed numbers of 32 bits."""
    signed = words.astype(np.uint32).view(np.int32).astype(np.int64)
    return (signed * signed).view(np.uint64)


def count_inside(x: NDArray[Any], y: NDArray[Any]) -> int:
    """Counts the points inside the circle."""
    return int(np.count_nonzero(square(x) + square(y) < 2**62))


def count_range(seed: int, first: int, count: int) -> int:
    """Counts the samples from `first` on that lie inside the circle."""
    return sum(count_inside(x, y) for x, y in coordinates(seed, first, count))


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts on one thread."""
    return count_range(seed, first, count)


if __name__ == "__main__":
    rung.main(hits)
