"""Each process draws its share of the points, from a generator of its own."""

import random

from spot import main, split, starmap


def sample(n: int, seed: int, rank: int) -> int:
    """Counts how many of n random points are inside the circle."""
    generator = random.Random(seed)
    return sum(generator.random() ** 2 + generator.random() ** 2 < 1 for _ in range(n))


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    parts = split(first, count, workers)
    return sum(starmap(sample, [(n, seed, rank) for rank, (_, n) in enumerate(parts)]))


if __name__ == "__main__":
    main(hits, generator="textbook")
