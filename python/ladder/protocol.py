"""The runner protocol of bench/PROTOCOL.md: reads a request, times calls and writes the answer."""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import TextIO

LARGEST = 2**64 - 1


class RequestError(Exception):
    """An invalid request, or one that this runner cannot carry out. Exit code 2."""


class Request:
    """The keys and values of a request."""

    def __init__(self, text: str) -> None:
        """Reads a request, up to an empty line or the end of the text."""
        self.values: dict[str, str] = {}
        for number, line in enumerate(map(str.strip, text.splitlines()), 1):
            if not line:
                break
            key, *value = line.split(maxsplit=1)
            if not value:
                raise RequestError(f"line {number} of the request, '{line}': a key needs a value")
            if key in self.values:
                raise RequestError(f"line {number} of the request names {key} a second time")
            self.values[key] = value[0]

    def text(self, key: str) -> str:
        """The value of a key that the request must have."""
        if key not in self.values:
            raise RequestError(f"the request does not give the {key}")
        return self.values[key]

    def number(self, key: str, default: int | None = None) -> int:
        """The value of a key as an unsigned number of 64 bits, or the default."""
        if key not in self.values and default is not None:
            return default
        text = self.text(key)
        # A number of 64 bits has at most 20 digits. Python refuses to read thousands of them.
        if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= LARGEST:
            return int(text)
        raise RequestError(f"{key} {text[:40]}: it must be a whole number in digits, below 2^64")

    def samples(self) -> tuple[int, int]:
        """The range of samples or calls: first and count."""
        first, count = self.number("first", 0), self.number("count")
        if first + count > LARGEST + 1:
            raise RequestError(f"count {count}: first + count must be at most 2^64")
        return first, count


def cpus_allowed() -> str:
    """The CPUs on which this thread may run."""
    return ",".join(map(str, sorted(os.sched_getaffinity(0))))


def timed_runs(
    request: Request, work: Callable[[], int], get_ready: Callable[[], None] = lambda: None
) -> list[tuple[float, int]]:
    """Makes the warm-up calls and the timed calls. Returns the seconds and the hits of each run.

    `get_ready` is called before the clock starts. Ranks wait for each other there.
    """
    for _ in range(request.number("warmup", 0)):
        work()
    runs = []
    gc.disable()  # A collection of garbage belongs to no call.
    for _ in range(request.number("runs", 1)):
        get_ready()
        begin = perf_counter_ns()
        hits = work()
        runs.append(((perf_counter_ns() - begin) / 1e9, hits & LARGEST))
    gc.enable()
    return runs


def text_on_stdin() -> str:
    """The text of the request that the harness sends."""
    return sys.stdin.buffer.read().decode(errors="replace")


@contextmanager
def own_stdout() -> Iterator[TextIO]:
    """Gives stdout for the answer alone. What libraries print goes to stderr instead."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        yield out


def write_answer(
    out: TextIO,
    version: str,
    info: Iterable[tuple[str, object]],
    runs: Iterable[tuple[float, int]],
) -> None:
    """Writes the answer: the version, what else is known, and the runs."""
    lines = [f"version {version}"]
    lines += [f"info {key} {value}" for key, value in info]
    lines += [f"run {seconds:.9f} {hits}" for seconds, hits in runs]
    out.write("\n".join(lines) + "\n")
