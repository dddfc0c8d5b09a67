"""Counts with an array job: the same program many times, each time with another index.

What you learn: tasks that need nothing from each other need no pool and no MPI. A scheduler such as
Slurm starts array_task.py ten times and tells each task its index. The task computes from it which
samples to count, and the hits are added up at the end. If a task fails, it alone is run again. Here
this program takes the place of the scheduler: it has --array=0-9%N start at most N at a time.
"""

import os
import subprocess
import sys
from functools import partial
from multiprocessing.connection import wait
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
        preexec_fn=partial(rung.end_with_parent, os.getpid()),
    )


def output(task: "subprocess.Popen[str]") -> int:
    """The file descriptor from which a task's output is read. It is ready when the task ends."""
    assert task.stdout is not None
    return task.stdout.fileno()


def result(task: "subprocess.Popen[str]") -> int:
    """The hits that a task printed before it ended."""
    said, _ = task.communicate()
    if task.returncode != 0:
        how = how_it_ended(task.returncode)
        raise RuntimeError(f"task {task.pid} of the array failed: {how}")
    return int(said)


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Runs all tasks, at most `workers` at a time, and adds up."""
    waiting = list(range(TASKS))
    running: list[subprocess.Popen[str]] = []
    total = 0
    while waiting or running:
        while waiting and len(running) < workers:
            running.append(start(waiting.pop(0), seed, first, count))
        ready = wait([output(task) for task in running])
        for task in [task for task in running if output(task) in ready]:
            running.remove(task)
            total += result(task)
    return total


if __name__ == "__main__":
    rung.main(hits)
