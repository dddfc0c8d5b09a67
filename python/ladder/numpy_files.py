"""Counts points that are stored in files, with NumPy on a pool of threads.

What you learn: reading a file releases the global interpreter lock too, so threads can read at the
same time, and one can compute while another waits for the disk. The first call writes the files,
with the same points as in every exact rung, 8 bytes each. They have no names, so nothing is left
however the program ends.
"""

import os
from functools import cache
from multiprocessing.pool import ThreadPool
from tempfile import TemporaryFile
from typing import IO

import numpy as np

import rung
from numpy_serial import coordinates, count_inside

FILES = 10


@cache
def files_of(seed: int, first: int, count: int) -> list[IO[bytes]]:
    """Writes the points of a range into files."""
    files: list[IO[bytes]] = []
    for begin, size in rung.split(first, count, FILES):
        file = TemporaryFile()  # noqa: SIM115 It stays open.
        for x, y in coordinates(seed, begin, size):
            file.write(np.stack((x, y)).astype(np.uint32).tobytes(order="F"))
        file.flush()
        files.append(file)
    return files


def count_file(file: IO[bytes]) -> int:
    """Reads a file from its start, and counts the points inside the circle."""
    data = os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
    x, y = np.frombuffer(data, dtype=np.uint32).reshape(-1, 2).T
    return count_inside(x, y)


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    files = files_of(seed, first, count)
    with ThreadPool(workers) as pool:
        counts = pool.map(count_file, files, chunksize=1)
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits)
