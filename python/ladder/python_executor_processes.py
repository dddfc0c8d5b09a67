"""Counts with the processes of concurrent.futures.

What you learn: an executor gives futures, and has the same interface for processes, threads and
interpreters. If a worker dies, the executor raises BrokenProcessPool, where Pool.map would wait
forever.
"""

from concurrent.futures import ProcessPoolExecutor

import rung
from python_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    parts = rung.split(first, count, TASKS)
    with ProcessPoolExecutor(workers, initializer=rung.end_with_parent) as pool:
        futures = [pool.submit(count_range, seed, *part) for part in parts]
        return sum(future.result() for future in futures)


if __name__ == "__main__":
    rung.main(hits)
