"""Counts with joblib, which keeps its worker processes from call to call (loky).

What you learn: `Parallel(n_jobs)(delayed(f)(...) for ...)` is Pool.map with a shorter notation.
scikit-learn goes parallel in this way. The workers start once, at the first call, and functions
that are written in a notebook work, because joblib sends their code to the workers. A worker that
dies is an error, not a hang.
"""

import os

from joblib import Parallel, delayed, parallel_config

import rung
from python_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    tasks = (delayed(count_range)(seed, *part) for part in rung.split(first, count, TASKS))
    end = {"initializer": rung.end_with_parent, "initargs": (os.getpid(),)}
    with parallel_config(backend="loky", **end):
        return sum(Parallel(n_jobs=workers)(tasks))


if __name__ == "__main__":
    rung.main(hits)
