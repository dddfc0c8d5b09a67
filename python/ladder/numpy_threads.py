"""Counts with NumPy on a pool of threads.

What you learn: NumPy releases the global interpreter lock while it computes on an array, so here
threads do run at the same time. They need no copies of the program, and no pickling.
"""

from multiprocessing.pool import ThreadPool

import rung
from numpy_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    tasks = [(seed, *part) for part in rung.split(first, count, TASKS)]
    with ThreadPool(workers) as pool:
        counts = pool.starmap(count_range, tasks, chunksize=1)
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits)
