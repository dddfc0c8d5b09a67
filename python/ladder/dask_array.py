"""Counts with dask.array: NumPy's interface over arrays that are computed chunk by chunk.

What you learn: the philox of numpy_serial.py runs on a dask array without a change. No operation
computes: each adds to a graph, and `compute` runs the graph for every chunk, on threads. So the
array may be larger than the memory. Each operation on each chunk is a task: chunks must be large,
and then their results leave the cache. NumPy on threads is faster while everything fits into the
memory.
"""

import dask.array as da
import numpy as np

import rung
from numpy_serial import philox, square

BLOCKS_IN_CHUNK = 2**17


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads of one process."""
    end = first + count
    size = (end + 1) // 2 - first // 2
    offsets = da.arange(size, chunks=BLOCKS_IN_CHUNK, dtype=np.uint64)
    x0, y0, x1, y1 = philox(np.uint64(first // 2) + offsets, seed)
    # A block has two samples. The range may begin with a second one, or end with a first one.
    evens = (square(x0) + square(y0) < 2**62)[first % 2 :]
    odds = (square(x1) + square(y1) < 2**62)[: size - end % 2]
    total = da.count_nonzero(evens) + da.count_nonzero(odds)
    return int(total.compute(scheduler="threads", num_workers=workers))


if __name__ == "__main__":
    rung.main(hits)
