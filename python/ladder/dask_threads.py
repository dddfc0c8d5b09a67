"""Counts with dask.delayed on threads: Dask's usual scheduler.

What you learn: `delayed` makes a task of a call without running it. Dask runs all tasks, and what
depends on them, when `compute` asks for the result. Its threads run side by side only while the
tasks release the interpreter's lock, as NumPy does in its loops over long arrays.
"""

from dask.delayed import delayed

import rung
from numpy_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads of one process."""
    counts = [delayed(count_range)(seed, *part) for part in rung.split(first, count, TASKS)]
    total = delayed(sum)(counts)
    return int(total.compute(scheduler="threads", num_workers=workers))


if __name__ == "__main__":
    rung.main(hits)
