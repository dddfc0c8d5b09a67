"""Counts with a pool of processes that spawn starts.

What you learn: spawn starts a new Python for each worker, which imports this program again. That
takes longer than fork, and is safe beside threads. Because of the import, everything that should
happen once belongs under `if __name__ == "__main__"`.
"""

import multiprocessing

import rung
from python_pool import count_in_pool


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    return count_in_pool(multiprocessing.get_context("spawn"), seed, first, count, workers)


if __name__ == "__main__":
    rung.main(hits)
