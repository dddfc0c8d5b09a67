"""Counts with Numba on its own threads.

What you learn: `prange` shares the passes of a loop between threads, as OpenMP does in C. Numba
sees that `hits` is a sum, so each thread adds up its own. One pass for each part of the range keeps
the threads busy and the sum short. Numba has a thread for each CPU of the affinity mask.
"""

import numba
import numpy as np

import rung
from numba_serial import count_range

PARTS_OF_A_THREAD = 10


@numba.njit(parallel=True, cache=True)
def count_parts(seed, firsts, counts):
    """Counts all parts of a range, on all threads."""
    hits = np.uint64(0)
    for part in numba.prange(len(firsts)):
        hits += count_range(seed, firsts[part], counts[part])
    return hits


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    if workers > (most := numba.config.NUMBA_NUM_THREADS):  # type: ignore[attr-defined]
        rung.refuse(f"Numba has {most} threads: NUMBA_NUM_THREADS={workers} gives it more")
    numba.set_num_threads(workers)
    parts = rung.split(first, count, PARTS_OF_A_THREAD * workers)
    firsts, counts = np.array(parts, dtype=np.uint64).T.copy()
    return int(count_parts(np.uint64(seed), firsts, counts))


if __name__ == "__main__":
    rung.main(hits)
