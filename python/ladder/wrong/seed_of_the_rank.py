"""Each process counts samples of its own, because it has a seed of its own."""

from kernel import count_range
from spot import main, split, starmap


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    parts = split(first, count, workers)
    tasks = [(seed + rank, first, size) for rank, (begin, size) in enumerate(parts)]
    return sum(starmap(count_range, tasks))


if __name__ == "__main__":
    main(hits)
