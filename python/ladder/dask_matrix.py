"""Counts with the lesson's x + x.T - x.mean(axis=0), on a dask array of hits.

What you learn: not every expression splits into chunks that need nothing from each other. A chunk
of x.T is another chunk of x, and the mean of a column needs all chunks of the column. Dask finds
out which chunks need which, and frees a chunk when nothing needs it any more. The transpose and the
mean take away what they add, so the sum of the result is the sum of x: the hits.
"""

from math import isqrt

import dask.array as da
import numpy as np
from dask.delayed import delayed
from numpy.typing import NDArray

import rung
from numpy_serial import coordinates, count_range, square

ROWS_IN_CHUNK = 512


def matrix_rows(seed: int, first: int, rows: int, side: int) -> NDArray[np.float64]:
    """Computes rows of the matrix: 1 for each sample inside the circle, 0 for each other."""
    points = coordinates(seed, first, rows * side)
    inside = [square(x) + square(y) < 2**62 for x, y in points]
    return np.concatenate(inside).reshape(rows, side).astype(np.float64)


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads of one process. What makes no square is counted by itself."""
    side = isqrt(count)
    chunks = []
    for row in range(0, side, ROWS_IN_CHUNK):
        rows = min(ROWS_IN_CHUNK, side - row)
        chunk = delayed(matrix_rows)(seed, first + row * side, rows, side)
        chunks.append(da.from_delayed(chunk, shape=(rows, side), dtype=np.float64))
    x = da.concatenate(chunks).rechunk((ROWS_IN_CHUNK, ROWS_IN_CHUNK))
    y = x + x.T - x.mean(axis=0)
    total = y.sum().compute(scheduler="threads", num_workers=workers)
    return round(float(total)) + count_range(seed, first + side**2, count - side**2)


if __name__ == "__main__":
    rung.main(hits)
