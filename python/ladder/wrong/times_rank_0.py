"""Rank 0 gives each process its part, and measures the time."""

import sys
from multiprocessing import Pool
from multiprocessing.pool import Pool as Processes
from time import perf_counter

from kernel import count_range
from spot import end_with_parent, split


def timed_run(pool: Processes, tasks: list[tuple[int, int, int]]) -> str:
    """Counts once. Returns the line of the answer."""
    begin = perf_counter()
    results = pool.starmap_async(count_range, tasks, chunksize=1)
    seconds = perf_counter() - begin
    hits = sum(results.get())
    return f"run {seconds:.9f} {hits}"


if __name__ == "__main__":
    request = dict(line.split(maxsplit=1) for line in sys.stdin if line.strip())
    seed, first, count = (int(request[key]) for key in ("seed", "first", "count"))
    workers, warmup, runs = (int(request[key]) for key in ("threads", "warmup", "runs"))
    tasks = [(seed, *part) for part in split(first, count, workers)]
    with Pool(workers, initializer=end_with_parent) as pool:
        lines = [timed_run(pool, tasks) for _ in range(warmup + runs)]
    print("version times_rank_0", "info ranks 1", f"info threads {workers}", sep="\n")
    print(*lines[warmup:], sep="\n")
