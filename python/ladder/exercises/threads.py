"""The thread pool and the interpreter's lock (GIL): which work can threads do at the same time?"""

import hashlib
import sys
import time
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from typing import Any

from exercise import (
    Numbers,
    Rows,
    against,
    counted,
    duration,
    fastest,
    sample,
    shares,
    show,
    times,
    usable_cpus,
)

TASKS = 10
BYTES = 4_000_000
WAIT = 0.02


def digest(data: bytes) -> str:
    """Return a checksum. It is computed in C, which releases the lock."""
    return hashlib.sha256(data).hexdigest()


def wait(seconds: float) -> None:
    """Wait, as for a network or a slow disk. A thread that waits releases the lock."""
    time.sleep(seconds)


def has_lock() -> bool:
    """Tell whether this Python lets only one thread run Python code at a time."""
    is_enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    return is_enabled()


def numpy_task() -> Callable[[int], int] | None:
    """Return a task that counts with NumPy, if NumPy is there."""
    try:
        import numpy as np
    except ImportError:
        return None

    def count(n: int) -> int:
        random = np.random.default_rng(n)
        x, y = random.random(n), random.random(n)
        return int(np.count_nonzero(x * x + y * y < 1.0))

    return count


def measure(n: int) -> Numbers:
    """Time three or four kinds of work, in one thread and in a pool of threads."""
    workers = max(2, min(usable_cpus(), TASKS))
    works: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
        "python": (sample, shares(n, TASKS)),
        "digest": (digest, [bytes(BYTES)] * TASKS),
        "wait": (wait, [WAIT] * TASKS),
    }
    count = numpy_task()
    if count:
        works["numpy"] = (count, shares(4 * n, TASKS))
    seconds = {}
    with ThreadPool(workers) as pool:
        for name, (work, tasks) in works.items():
            serial = fastest(lambda: list(map(work, tasks)))  # noqa: B023 It is called at once.
            threads = fastest(lambda: pool.map(work, tasks, chunksize=1))  # noqa: B023
            seconds[name] = {"serial_seconds": serial, "threads_seconds": threads}
    return {"samples": n, "threads": workers, "cpus": usable_cpus(), "gil": has_lock(), **seconds}


WORK = {
    "python": "the lesson's loop, in Python",
    "digest": f"SHA-256 of {TASKS} * {BYTES // 10**6} MB, in C",
    "numpy": "samples with NumPy, in C",
    "wait": f"waiting {WAIT * 1000:.0f} ms, {TASKS} times",
}


def gain(numbers: Numbers, name: str) -> float:
    """Return how many times faster the threads are."""
    return float(numbers[name]["serial_seconds"] / numbers[name]["threads_seconds"])


def rows(numbers: Numbers) -> Rows:
    """Show each kind of work."""
    table: Rows = [("work", "one thread", counted(numbers["threads"], "thread"), "faster")]
    for name, title in WORK.items():
        if name in numbers:
            serial, threads = numbers[name]["serial_seconds"], numbers[name]["threads_seconds"]
            table.append((title, duration(serial), duration(threads), times(serial / threads)))
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say what the threads gave, and what the lock has to do with it."""
    threads, checksum = counted(numbers["threads"], "thread"), gain(numbers, "digest")
    said = [
        f"With the lesson's loop {threads} are {against(gain(numbers, 'python'))} one thread. "
        + why(numbers)
    ]
    waiting = (
        f"Work that waits gains even on one CPU: {against(gain(numbers, 'wait'))} one thread, "
        "because a thread that waits holds neither the lock nor a CPU. So threads are right for "
        "networks and slow disks."
    )
    if numbers["cpus"] == 1:
        return [
            *said,
            "Only one CPU may be used here (pi lesson cpus shows why), so no work that computes "
            "can be faster on threads.",
            waiting,
        ]
    numpy = f", and with NumPy {against(gain(numbers, 'numpy'))} it" if "numpy" in numbers else ""
    said.append(
        f"With checksums they are {against(checksum)} one thread{numpy}. "
        + (
            "C does this work, and Python releases the lock during the call: so the threads work "
            "at the same time. So do Numba (with nogil=True) and libpi."
            if checksum > 1.3
            else "C does this work, and Python releases the lock during the call. They gained "
            "little all the same: other programs use the CPUs, or the CPUs share a core."
        )
    )
    return [*said, waiting]


def why(numbers: Numbers) -> str:
    """Say why threads helped with Python code, or did not."""
    loop = gain(numbers, "python")
    if not numbers["gil"]:
        return "This Python has no global interpreter lock (a free-threaded build)" + (
            ", so its threads run Python code at the same time."
            if loop > 1.3
            else ", but the threads had no CPUs of their own."
        )
    if loop < 1.3:
        return (
            "Python lets only one thread run Python code at a time: the one that holds the global "
            "interpreter lock (GIL). The others wait for it, and taking turns costs time, too. "
            "Processes have a lock each: pi lesson pool."
        )
    return (
        "That is more than the global interpreter lock (GIL) allows, so other programs disturbed "
        "the measurement with one thread: run it again when the machine is idle."
    )


if __name__ == "__main__":
    show("What can a thread pool do at the same time?", 10**6, measure, rows, explain)
