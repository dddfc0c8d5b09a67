"""Threads draw the points from one generator. A lock keeps it from being used twice at a time."""

import random
from multiprocessing.pool import ThreadPool
from threading import Lock

from spot import main, split


def sample(n: int, generator: random.Random, lock: Lock) -> int:
    """Counts how many of n random points are inside the circle."""
    inside = 0
    for _ in range(n):
        with lock:
            x = generator.random()
        with lock:
            y = generator.random()
        inside += x * x + y * y < 1
    return inside


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads."""
    generator, lock = random.Random(f"{seed} {first}"), Lock()
    tasks = [(n, generator, lock) for _, n in split(first, count, workers)]
    with ThreadPool(workers) as pool:
        return sum(pool.starmap(sample, tasks, chunksize=1))


if __name__ == "__main__":
    main(hits, generator="textbook")
