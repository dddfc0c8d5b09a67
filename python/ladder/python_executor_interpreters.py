"""Counts with several interpreters in one process.

What you learn: since Python 3.14 an executor can give each of its threads an interpreter with a
lock of its own. They run at the same time, like processes, and start faster. They share no objects:
arguments and results are copied.
"""

import concurrent.futures

import rung
from python_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many interpreters, each on a thread of its own."""
    parts = rung.split(first, count, TASKS)
    with concurrent.futures.InterpreterPoolExecutor(workers) as pool:  # type: ignore[attr-defined, unused-ignore]
        futures = [pool.submit(count_range, seed, *part) for part in parts]
        return sum(future.result() for future in futures)


if __name__ == "__main__":
    rung.main(hits)
