"""Counts with libpi in each process of a pool.

What you learn: processes work with compiled code as with Python, but starting them costs more than
threads, and here threads would do.
"""

import multiprocessing

import rung
from libpi_serial import count_range


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    tasks = [(seed, *part) for part in rung.split(first, count, workers)]
    fork = multiprocessing.get_context("fork")
    with fork.Pool(workers, initializer=rung.end_with_parent) as pool:
        counts = rung.wait_for(pool.starmap_async(count_range, tasks, chunksize=1))
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits)
