"""What the task queue can do. task_queue.py asks for it, and Huey's workers do it."""

import os

from huey import SqliteHuey

import python_serial
from workers import end_with_parent

# Both sides open this file. It holds the tasks that wait, and the results.
queue = SqliteHuey(filename=os.environ["LADDER_QUEUE"])

# The consumer forks its workers. None stays behind if the consumer is killed.
os.register_at_fork(after_in_child=end_with_parent)


@queue.task()
def count_range(seed: int, first: int, count: int) -> int:
    """Counts a part of the samples in pure Python."""
    return python_serial.count_range(seed, first, count)
