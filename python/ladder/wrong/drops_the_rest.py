"""Each process counts its share of the samples."""

from kernel import count_range
from spot import main, starmap


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    share = int(count / workers)
    tasks = [(seed, first + rank * share, share) for rank in range(workers)]
    return sum(starmap(count_range, tasks))


if __name__ == "__main__":
    main(hits)
