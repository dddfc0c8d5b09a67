"""How many CPUs does Pool() take on a part of a node, and how many ought it to take?"""

import json
import os
import subprocess
import sys
import time
from multiprocessing import Pool, active_children
from typing import Any

from exercise import Numbers, Rows, against, counted, duration, option, sample, shares, show, usable

from workers import end_with_parent, wait_for

TASKS = 10

# A program starts itself with this word, to see what a pool takes under other rules.
IS_PART = "--as-part"


def pool_of(workers: int | None, n: int) -> tuple[int, float]:
    """Draw n samples in a pool. Return its number of processes, and the time."""
    with Pool(workers, initializer=end_with_parent) as pool:
        size = len(active_children())
        begin = time.perf_counter()
        wait_for(pool.map_async(sample, shares(n, TASKS), chunksize=1))
        return size, time.perf_counter() - begin


def part(n: int, cpu: str) -> None:
    """Print what a pool takes in this process: on one CPU, if one is named."""
    if cpu:
        os.sched_setaffinity(0, {int(cpu)})
    number, rule = usable()
    taken, taken_seconds = pool_of(None, n)
    _, usable_seconds = pool_of(number, n)
    told = {"usable": number, "rule": rule, "taken": taken}
    print(json.dumps({**told, "taken_seconds": taken_seconds, "usable_seconds": usable_seconds}))


def as_part(n: int, cpu: str = "", **variables: str) -> dict[str, Any]:
    """Start this program again, on a CPU or with variables of Slurm."""
    command = [sys.executable, sys.argv[0], IS_PART, str(n), cpu, f"--pi={option('--pi')}"]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def measure(n: int) -> Numbers:
    """See what Pool() takes here, on one CPU, and with Slurm's variable for one CPU."""
    one = str(min(os.sched_getaffinity(0)))
    return {
        "samples": n,
        "cpu_count": os.cpu_count() or 1,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "here": as_part(n),
        "on_one_cpu": as_part(n, cpu=one),
        "under_slurm": as_part(n, SLURM_JOB_ID="1", SLURM_CPUS_PER_TASK="1"),
    }


PLACES = {
    "here": "here",
    "on_one_cpu": "on one CPU, bound",
    "under_slurm": "SLURM_CPUS_PER_TASK=1",
}


def rows(numbers: Numbers) -> Rows:
    """Show what Pool() takes, what it ought to take, and the time of both."""
    table: Rows = [("place", "Pool() takes", "ought to take", "because of")]
    for name, title in PLACES.items():
        one = numbers[name]
        taken = f"{one['taken']}: {duration(one['taken_seconds'])}"
        ought = f"{one['usable']}: {duration(one['usable_seconds'])}"
        table.append((title, taken, ought, one["rule"]))
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say where Pool() takes too many processes, and what it costs."""
    here, one = numbers["here"], numbers["on_one_cpu"]
    slurm, all_cpus = numbers["under_slurm"], numbers["cpu_count"]
    said = [f"This machine has {counted(all_cpus, 'CPU')}. " + verdict("Here", here)]
    if one["usable"] < all_cpus:
        said.append(verdict("On one CPU", one))
        if one["taken"] > one["usable"]:
            gain = one["usable_seconds"] / one["taken_seconds"]
            said.append(
                f"{counted(one['taken'], 'process', 'processes')} on one CPU are {against(gain)} "
                "one: they take turns on it, and each needs memory of its own."
            )
    else:
        said.append("There is only one CPU, so there is no part of a node to try.")
    if slurm["taken"] > slurm["usable"]:
        said.append(
            f"With SLURM_CPUS_PER_TASK=1 Pool() takes {slurm['taken']}. No version of Python reads "
            "this variable, and where Slurm does not bind, nothing else tells what the job may use."
        )
    said.append(
        "So pass the number: Pool(libpi.threads().number) takes the smallest of the affinity mask, "
        "the quotas of containers and Slurm's share, and `pi info` shows them all. "
        "os.process_cpu_count() (Python 3.13) and len(os.sched_getaffinity(0)) know the mask alone."
    )
    return said


def verdict(place: str, one: dict[str, Any]) -> str:
    """Say whether the number of processes fits."""
    taken, usable, rule = one["taken"], one["usable"], one["rule"]
    may = f"may use {counted(usable, 'CPU')} ({rule})"
    if taken == usable:
        return f"{place} a program {may}, and Pool() takes as many."
    few_or_many = "too many" if taken > usable else "too few"
    return f"{place} a program {may}, but Pool() takes {taken}: {few_or_many}."


if __name__ == "__main__":
    if sys.argv[1:2] == [IS_PART]:
        part(int(sys.argv[2]), sys.argv[3])
    else:
        show(
            "How many CPUs does a pool take, and how many ought it to take?",
            4 * 10**5,
            measure,
            rows,
            explain,
        )
