"""Counts with an array job: the same program many times, each time with another index.

What you learn: tasks that need nothing from each other need no pool and no MPI. A scheduler such as
Slurm starts array_task.py ten times and tells each task its index. The task computes from it which
samples to count, and the hits are added up at the end. If a task fails, it alone is run again. Here
this program takes the place of the scheduler: it has --array=0-9%N start at most N at a time.
"""

import os
import subprocess
import sys
from collections import deque
from pathlib import Path

import rung
from workers import how_it_ended

TASKS = 10


def start(index: int, *arguments: int) -> "subprocess.Popen[str]":
    """Starts a task, as Slurm does."""
    program = [sys.executable, str(Path(__file__).with_name("array_task.py"))]
    index_and_count = {"SLURM_ARRAY_TASK_ID": str(index), "SLURM_ARRAY_TASK_COUNT": str(TASKS)}
    return subprocess.Popen(
        [*program, *map(str, arguments)],
        env={**os.environ, **index_and_count},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=rung.end_with_parent,
    )


def result(task: "subprocess.Popen[str]") -> int:
    """Waits for a task, and reads the hits that it printed."""
    said, _ = task.communicate()
    if task.returncode != 0:
        how = how_it_ended(task.returncode)
        raise RuntimeError(f"task {task.pid} of the array failed: {how}")
    return int(said)


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Runs all tasks, at most `workers` at a time, and adds up."""
    running: deque[subprocess.Popen[str]] = deque()
    total = 0
    for index in range(TASKS):
        if len(running) == workers:
            total += result(running.popleft())
        running.append(start(index, seed, first, count))
    return total + sum(map(result, running))


if __name__ == "__main__":
    rung.main(hits)
