"""Counts the samples inside the circle in pure Python, with a generator that others share.

What you learn: random numbers can be a function of their index. Philox computes the points of a
block from the block's number and the seed, so any worker can compute any part of the samples, and
all workers together get exactly the count of one. SAMPLER.md in the root defines the points.
"""

import rung

MASK = 2**32 - 1


def philox(block: int, seed: int) -> tuple[int, int, int, int]:
    """Computes four random words of 32 bits, the coordinates of two points."""
    c0, c1, c2, c3 = block & MASK, block >> 32, 0, 0
    k0, k1 = seed & MASK, seed >> 32
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1 = product1 >> 32 ^ c1 ^ k0, product1 & MASK
        c2, c3 = product0 >> 32 ^ c3 ^ k1, product0 & MASK
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return c0, c1, c2, c3


def is_inside(x: int, y: int) -> bool:
    """Whether a point lies inside the circle. Its coordinates are signed words."""
    x -= x >> 31 << 32
    y -= y >> 31 << 32
    return x * x + y * y < 2**62


def count_range(seed: int, first: int, count: int) -> int:
    """Counts the samples from `first` on that lie inside the circle. A block has two samples."""
    end = first + count
    hits = 0
    for block in range(first // 2, (end + 1) // 2):
        x0, y0, x1, y1 = philox(block, seed)
        if 2 * block >= first:
            hits += is_inside(x0, y0)
        if 2 * block + 1 < end:
            hits += is_inside(x1, y1)
    return hits


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts on one thread."""
    return count_range(seed, first, count)


if __name__ == "__main__":
    rung.main(hits)
