"""Counts with a pool of processes: the lesson's Pool.map over ten tasks.

What you learn: a process has an interpreter of its own, so processes run Python at the same time.
Each task says which samples it counts, so no two workers count the same ones, and ten tasks keep
the workers busy even if one is slower. Pool() without a number starts os.cpu_count() processes:
that is the whole machine, even if Slurm, a container or taskset gave you a part of it. So this
program passes the number.
"""

import multiprocessing

import rung
from python_serial import count_range

TASKS = 10


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many processes, which fork makes from this one."""
    tasks = [(seed, *part) for part in rung.split(first, count, TASKS)]
    fork = multiprocessing.get_context("fork")
    with fork.Pool(workers, initializer=rung.end_with_parent) as pool:
        counts = rung.wait_for(pool.starmap_async(count_range, tasks, chunksize=1))
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits)
