"""Counts with a pool of processes that a server forks.

What you learn: the fork server is a small process without threads, started once. Workers are copies
of it, so they start faster than with spawn, and safely. It is the default on Linux from Python 3.14
on.
"""

import multiprocessing

import rung
from python_pool import count_in_pool


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    return count_in_pool(multiprocessing.get_context("forkserver"), seed, first, count, workers)


if __name__ == "__main__":
    rung.main(hits)
