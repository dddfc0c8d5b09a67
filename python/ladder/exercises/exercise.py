"""What the exercises of the lesson share: its function, time, words for numbers, and the output.

An exercise has three functions. `measure(samples)` returns numbers, `rows(numbers)` shows them as a
table, and `explain(numbers)` says in sentences what these numbers mean. `show` runs the three.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The exercises share the workers of the rungs, in the folder above.
sys.path.append(str(Path(__file__).resolve().parent.parent))

Numbers = dict[str, Any]
Rows = list[tuple[str, ...]]

# The exit code of an exercise that lacks something, from sysexits.h: a service is unavailable.
UNAVAILABLE = 69


class MissingError(Exception):
    """Something that the exercise needs is not there. The message names it and the remedy."""


def sample(n: int) -> tuple[int, int]:
    """Count how many of n random points in a square fall inside the circle: the lesson's loop."""
    inside = 0
    for _ in range(n):
        x = random.random()
        y = random.random()
        if x**2 + y**2 < 1.0:
            inside += 1
    return n, inside


def shares(n: int, parts: int) -> list[int]:
    """Divide n samples into parts that differ by at most one sample."""
    return [n // parts + (part < n % parts) for part in range(parts)]


def chunk_size(tasks: int, workers: int) -> int:
    """Return the size of the chunks that Pool.map chooses: about four chunks for each worker."""
    return -(-tasks // (4 * workers))


def usable() -> tuple[int, str]:
    """Return how many CPUs this process may use, and the rule that decided.

    pi knows all rules: the affinity mask, the quotas of containers, Slurm's share.
    """
    if pi := option("--pi"):
        done = subprocess.run([pi, "info", "--json"], check=True, stdout=subprocess.PIPE)
        cpus = json.loads(done.stdout)["cpus"]
        return cpus["usable"], cpus["usable_by"]
    limits = {"affinity mask": len(os.sched_getaffinity(0))}
    slurm = os.environ.get("SLURM_CPUS_PER_TASK", "")
    if slurm.isdigit() and int(slurm) > 0:
        limits["SLURM_CPUS_PER_TASK"] = int(slurm)
    rule = min(limits, key=lambda name: limits[name])
    return limits[rule], rule


def usable_cpus() -> int:
    """Return how many CPUs this process may use."""
    return usable()[0]


def option(name: str) -> str:
    """Return the value of an option that pi passes, or nothing: `--pi=/path/to/pi`."""
    values = [word.partition("=")[2] for word in sys.argv if word.startswith(f"{name}=")]
    return values[-1] if values else ""


def fastest(work: Callable[[], object], times: int = 3) -> float:
    """Run the work several times, and return the shortest time in seconds."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def duration(seconds: float) -> str:
    """Write a time with three digits: `1.25 ms`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:#.3g} {unit}".replace(". ", " ")
    return f"{seconds / 1e-9:#.3g} ns".replace(". ", " ")


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number of things: `1 process`, `2 processes`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def times(ratio: float) -> str:
    """Write a ratio: `1.96 times`, `1,230 times`."""
    return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:#.3g} times".replace(". ", " ")


def against(gain: float) -> str:
    """Compare with something: `1.96 times faster than`, `1.25 times slower than`."""
    if 0.95 < gain < 1.05:
        return "about as fast as"
    return f"{times(gain)} faster than" if gain > 1 else f"{times(1 / gain)} slower than"


def show(
    question: str,
    samples: int,
    measure: Callable[[int], Numbers],
    rows: Callable[[Numbers], Rows],
    explain: Callable[[Numbers], list[str]],
    least: int = 10,
) -> None:
    """Run an exercise, and print its numbers and what they mean, as text or as JSON."""
    options = argparse.ArgumentParser(description=question)
    options.add_argument("-n", "--samples", type=int, default=samples, help="default: %(default)s")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    given, _ = options.parse_known_args()
    if given.samples < least:
        print(f"-n {given.samples}: this exercise needs at least {least}", file=sys.stderr)
        sys.exit(2)
    try:
        numbers = measure(given.samples)
    except MissingError as missing:
        print(missing, file=sys.stderr)
        sys.exit(UNAVAILABLE)
    table, sentences = rows(numbers), explain(numbers)
    if given.json:
        print(
            json.dumps(
                {"question": question, "numbers": numbers, "rows": table, "explanation": sentences}
            )
        )
        return
    print(question)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print(
            "  "
            + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        )
    for sentence in sentences:
        print("\n" + textwrap.fill(sentence, shutil.get_terminal_size().columns))
