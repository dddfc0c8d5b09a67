"""Counts with a task queue: Huey's scheduler and workers, which run queue_tasks.py.

What you learn: a task queue separates who asks from who works. A task is a row in a file, and waits
there until a worker takes it: workers may start later, end, or be more tomorrow. With a server such
as Redis in place of the file they may run on many machines. The price is a few milliseconds for
each task, so a task must be long. Huey serves here because it needs no server: its queue is a file
of SQLite. Celery, RQ and Dramatiq are built alike.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from huey.exceptions import ResultTimeout

import rung

TASKS = 10

# The processes of Huey: its consumer, which starts them, its scheduler and its workers.
processes: list[psutil.Process] = []


@contextmanager
def consumer(workers: int) -> Iterator[None]:
    """Starts Huey's workers and scheduler, and ends them."""
    with TemporaryDirectory(prefix="ladder-queue-") as folder:
        os.environ["LADDER_QUEUE"] = f"{folder}/tasks.db"
        command = [sys.executable, "-m", "huey.bin.huey_consumer", "queue_tasks.queue", "--quiet"]
        options = f"--worker-type=process --workers={workers} --delay=0.005 --max-delay=0.05"
        started = subprocess.Popen(
            [*command, *options.split()],
            cwd=Path(__file__).parent,
            stdout=sys.stderr,
            preexec_fn=partial(rung.end_with_parent, os.getpid()),
        )
        try:
            processes[:] = [psutil.Process(started.pid)]
            while len(processes) < 1 + workers + 1:
                check_processes()
                time.sleep(0.01)
                processes[1:] = processes[0].children()
            hits(0, 0, workers, workers)  # All are up when this is done.
            yield
        finally:
            started.terminate()
            started.wait()


def check_processes() -> None:
    """Raises an error if a process of the queue has ended: its task would never be done."""
    for process in processes:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            raise RuntimeError(f"process {process.pid} of the task queue died")


def wait_for(result: Any) -> int:
    """Waits until a task is done, and returns its hits."""
    while True:
        try:
            return int(result.get(blocking=True, timeout=0.5, max_delay=0.02))
        except ResultTimeout:
            check_processes()


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Puts the tasks into the queue, and waits for their results."""
    from queue_tasks import count_range  # It opens the file of the queue.

    results = [count_range(seed, *part) for part in rung.split(first, count, TASKS)]
    return sum(map(wait_for, results))


if __name__ == "__main__":
    rung.main(hits, consumer)
