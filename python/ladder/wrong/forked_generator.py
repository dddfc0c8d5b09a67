"""Each process draws its share of the points with numpy.random."""

import numpy as np
from numpy.random import random
from spot import main, split, starmap


def sample(n: int, seed: int, rank: int) -> int:
    """Counts how many of n random points are inside the circle."""
    x, y = random((2, n))
    return int(np.count_nonzero(x * x + y * y < 1))


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    parts = split(first, count, workers)
    return sum(starmap(sample, [(n, seed, rank) for rank, (_, n) in enumerate(parts)]))


if __name__ == "__main__":
    main(hits, generator="textbook")
