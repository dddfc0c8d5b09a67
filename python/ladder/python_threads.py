"""Counts with multiprocessing's pool of threads, in pure Python.

What you learn: only one thread at a time may hold the global interpreter lock (GIL) and run Python,
so more threads do not make pure Python faster. Waiting for the lock even costs a little.
"""

from multiprocessing.pool import ThreadPool

import rung
from python_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    tasks = [(seed, *part) for part in rung.split(first, count, TASKS)]
    with ThreadPool(workers) as pool:
        counts = pool.starmap(count_range, tasks, chunksize=1)
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits)
