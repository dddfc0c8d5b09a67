"""Counts with the threads of concurrent.futures, in pure Python.

What you learn: only the class differs from the program with processes. The threads take turns, as
in every pool of threads, because of the global interpreter lock.
"""

from concurrent.futures import ThreadPoolExecutor

import rung
from python_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    parts = rung.split(first, count, TASKS)
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(count_range, seed, *part) for part in parts]
        return sum(future.result() for future in futures)


if __name__ == "__main__":
    rung.main(hits)
