"""Counts by a call of libpi, a compiled library, on one thread.

What you learn: the usual way to make Python fast is to call compiled code for all of the work. The
loop, the generator and the instructions of the CPU are the library's business.
"""

import libpi

import rung


def count_range(seed: int, first: int, count: int) -> int:
    """Counts a range on the thread that calls."""
    return libpi.hits(count, seed=seed, first=first, driver="serial", threads=1)


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts on one thread."""
    return count_range(seed, first, count)


if __name__ == "__main__":
    rung.main(hits)
