"""The runner protocol of bench/PROTOCOL.md: reads a request, times calls and writes the answer."""

import gc
import os
import sys
from collections.abc import Callable
from time import perf_counter_ns

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


def built_with() -> str:
    """What the couplings were built with."""
    with open(os.path.join(os.path.dirname(__file__), "built_with.txt")) as file:
        return file.read()


def timed_runs(request: Request, work: Callable[[], int]) -> list[str]:
    """Makes the warm-up calls and the timed calls. Returns a line of the answer for each run."""
    for _ in range(request.number("warmup", 0)):
        work()
    lines = []
    gc.disable()  # A collection of garbage belongs to no call.
    for _ in range(request.number("runs", 1)):
        begin = perf_counter_ns()
        hits = work()
        seconds = (perf_counter_ns() - begin) / 1e9
        lines.append(f"run {seconds:.9f} {hits & LARGEST}")
    gc.enable()
    return lines


def answer(version: str, choose: Callable[[Request], Callable[[], int]]) -> None:
    """Answers the request on stdin. `choose` returns the work of one run."""
    # Libraries may print to stdout too, so only the answer keeps it.
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        request = Request(sys.stdin.buffer.read().decode(errors="replace"))
        for key in ("threads", "ranks"):
            if request.number(key, 1) != 1:
                raise RequestError(f"{key} {request.number(key)}: it must be 1")
        runs = timed_runs(request, choose(request))
        cpus = cpus_allowed()
        lines = [f"version {version}", "info ranks 1", "info threads 1"]
        lines += [
            f"info built_with {built_with()}",
            f"info mask {cpus}",
            f"info worker_cpus {cpus}",
        ]
        out.write("\n".join(lines + runs) + "\n")
