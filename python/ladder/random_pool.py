"""The lesson's pool: ten tasks, which processes take one after the other.

What you learn: Pool.map calls a function for each item of a list, in other processes. After a fork
all processes would draw the same points from `random`, because they have copies of one generator.
So each task gets a seed of its own.
"""

import multiprocessing

import rung
from random_serial import sample

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes. Pool() alone would take all CPUs of the machine."""
    parts = rung.split(first, count, TASKS)
    tasks = [(size, f"{seed} from {begin}") for begin, size in parts]
    fork = multiprocessing.get_context("fork")
    with fork.Pool(workers, initializer=rung.end_with_parent) as pool:
        results = rung.wait_for(pool.starmap_async(sample, tasks, chunksize=1))
    return sum(inside for _, inside in results)


if __name__ == "__main__":
    rung.main(hits)
