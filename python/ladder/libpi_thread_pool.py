"""Counts with libpi on each thread of a pool.

What you learn: a call of libpi releases the global interpreter lock, so threads of Python scale.
The same pool in pure Python did not.
"""

from multiprocessing.pool import ThreadPool

import rung
from libpi_serial import count_range


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    tasks = [(seed, *part) for part in rung.split(first, count, workers)]
    with ThreadPool(workers) as pool:
        counts = pool.starmap(count_range, tasks, chunksize=1)
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits)
