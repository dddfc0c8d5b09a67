"""Counts with dask.delayed on processes.

What you learn: one word changes the scheduler, and the tasks stay the same. Processes run pure
Python side by side, too, but every argument and result is copied between them, and each `compute`
starts the processes anew: they must import Dask and the tasks' modules first. A cluster,
dask_cluster.py, keeps them.
"""

from dask.delayed import delayed

import rung
from numpy_serial import count_range
from workers import no_worker_may_die

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes, which end with the call."""
    counts = [delayed(count_range)(seed, *part) for part in rung.split(first, count, TASKS)]
    total = delayed(sum)(counts)
    start = {"num_workers": workers, "initializer": rung.end_with_parent}
    with no_worker_may_die():
        return int(total.compute(scheduler="processes", chunksize=1, **start))


if __name__ == "__main__":
    rung.main(hits)
