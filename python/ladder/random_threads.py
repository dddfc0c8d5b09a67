"""The lesson's thread pool: the same ten tasks on threads.

What you learn: threads of one interpreter take turns, because only one of them may hold the global
interpreter lock (GIL) and run Python. So two threads are no faster than the loop. The line "CPUs"
shows about 1 busy CPU, however many workers there are.
"""

from multiprocessing.pool import ThreadPool

import rung
from random_serial import sample

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    parts = rung.split(first, count, TASKS)
    tasks = [(size, f"{seed} from {begin}") for begin, size in parts]
    with ThreadPool(workers) as pool:
        results = pool.starmap(sample, tasks, chunksize=1)
    return sum(inside for _, inside in results)


if __name__ == "__main__":
    rung.main(hits)
