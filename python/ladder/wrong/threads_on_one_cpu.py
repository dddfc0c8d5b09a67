"""Each rank stays on a CPU of its own, and counts with several threads."""

import os
from multiprocessing.pool import ThreadPool

from kernel import count_range
from spot import main, split

RANK = 0  # of MPI


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    own = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {own[RANK]})
    tasks = [(seed, *part) for part in split(first, count, workers)]
    with ThreadPool(workers) as pool:
        return sum(pool.starmap(count_range, tasks, chunksize=1))


if __name__ == "__main__":
    main(hits)
