"""Counts with a pool of processes that fork makes.

What you learn: a process has an interpreter of its own, so processes run Python at the same time.
Each task says which samples it counts, so no two workers count the same ones. Ten tasks keep the
workers busy even if one is slower. fork copies this process, so it starts fast and needs nothing
imported again. It copies no threads, so it is unsafe if this process has some.
"""

import multiprocessing
from multiprocessing.context import BaseContext

import rung
from python_serial import count_range

TASKS = 10


def count_in_pool(context: BaseContext, seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes, which the context starts."""
    tasks = [(seed, *part) for part in rung.split(first, count, TASKS)]
    with context.Pool(workers, initializer=rung.end_with_parent) as pool:
        counts = rung.wait_for(pool.starmap_async(count_range, tasks, chunksize=1))
    return sum(counts)


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes. Pool() alone would take all CPUs of the machine."""
    return count_in_pool(multiprocessing.get_context("fork"), seed, first, count, workers)


if __name__ == "__main__":
    rung.main(hits)
