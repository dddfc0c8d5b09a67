"""Squares the same numbers with Pool.map.

What you learn: a task has its price. Its argument is pickled, sent through a pipe and unpickled,
and so is its result. Pool.map sends several items at once (chunksize), but for a square that is
still far slower than map. Give a pool tasks of many milliseconds.
"""

import multiprocessing

import rung
from square_map import count_right, square


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Squares so many numbers with so many processes, and checks the squares."""
    fork = multiprocessing.get_context("fork")
    with fork.Pool(workers, initializer=rung.end_with_parent) as pool:
        squares = rung.wait_for(pool.map_async(square, range(first, first + count)))
    return count_right(first, squares)


if __name__ == "__main__":
    rung.main(hits)
