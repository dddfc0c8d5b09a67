"""Each process estimates pi from its samples. The last one takes the samples that are left over."""

from statistics import mean

from kernel import count_range
from spot import main, starmap


def estimate(seed: int, first: int, count: int) -> tuple[float, int]:
    """Estimates pi, and says from how many samples."""
    return 4 * count_range(seed, first, count) / count, count


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Estimates pi with so many processes, and returns the hits that give it."""
    share = count // workers
    sizes = [share] * (workers - 1) + [count - share * (workers - 1)]
    results = starmap(estimate, [(seed, first + i * share, n) for i, n in enumerate(sizes)])
    pi: float = mean(pi for pi, n in results)
    return round(pi / 4 * count)


if __name__ == "__main__":
    main(hits)
