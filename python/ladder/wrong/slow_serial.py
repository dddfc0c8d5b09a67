"""Counts serially, then with several processes, and prints the speed-up."""

import sys
from time import perf_counter

from kernel import count_range
from spot import split, starmap


def count_serially(seed: int, first: int, count: int) -> int:
    """Counts one sample after the other."""
    return sum(count_range(seed, first + i, 1) for i in range(count))


def count_in_parallel(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes."""
    return sum(starmap(count_range, [(seed, *part) for part in split(first, count, workers)]))


if __name__ == "__main__":
    count, workers = (int(text) for text in sys.argv[1:])
    begin = perf_counter()
    hits = count_serially(42, 0, count)
    serial = perf_counter() - begin
    begin = perf_counter()
    assert count_in_parallel(42, 0, count, workers) == hits
    parallel = perf_counter() - begin
    print(f"{workers} processes are {serial / parallel:.1f} times as fast as one")
