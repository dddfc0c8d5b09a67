"""Counts by one call of libpi, which starts threads of its own.

What you learn: the library shares the work between threads without Python's lock, and Python waits.
libpi.threads() tells how many threads it would take, and which rule decides: the affinity mask, the
quota of a container, Slurm, or a variable.
"""

import libpi

import rung


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads of the library."""
    return libpi.hits(count, seed=seed, first=first, driver="threads", threads=workers)


if __name__ == "__main__":
    rung.main(hits)
