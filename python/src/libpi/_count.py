"""Counting hits, and the estimate of pi that follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from libpi import _arguments
from libpi._errors import check, failure
from libpi._generators import number_and_seed
from libpi._interrupt import Progress, Raised, shown, watcher
from libpi._libpi import ffi, lib

#: Up to this many samples a call takes less than a second, so it needs no spans.
_SHORT = 2**26

# Looked up once, because a short call takes little longer than these look-ups.
_ANSWER = ffi.typeof("uint64_t *")
_libpi_hits = lib.libpi_hits


def hits(
    count: int,
    *,
    seed: int | None = None,
    first: int = 0,
    generator: str = "philox",
    kernel: str = "auto",
    driver: str = "auto",
    threads: int | None = None,
    progress: bool | Progress = False,
) -> int:
    """Counts the samples whose point lies inside the circle.

    The answer depends on `generator`, `seed`, `first` and `count` alone, and not on kernel, driver,
    threads or machine. (The generator "textbook" is the exception: its counts are random.) The
    interpreter's lock is released, so Python's threads run side by side. Ctrl-C ends the call
    within a second.

    Args:
        count: how many samples, from 0 to 2**64 - first
        seed: from 0 to 2**64 - 1; None takes the generator's usual one, which is 42, for "npb"
            271828183. A seed for "npb" is odd and below 2**46
        first: the index of the first sample, from 0 to 2**64 - 1
        generator: "philox", "npb", "xoshiro" or "textbook"
        kernel: "auto" is the fastest here; `kernels()` lists the names
        driver: "auto", or one of `drivers()`
        threads: from 1 to 1024; None takes as many as `threads()` tells
        progress: True shows a bar if tqdm is installed. A function gets two numbers, at least
            once a second: how many samples are done, and `count`

    Raises:
        TypeError: an argument has the wrong type, such as a float
        ValueError: a name is unknown, or a number breaks its rule
        OverflowError: a number needs more than 64 bits, or first + count exceeds 2**64
        libpi.Error: the kernel or driver cannot run here, or an environment variable is invalid

    Example:
        >>> import libpi
        >>> libpi.hits(1_000_000)
        785987
        >>> libpi.hits(500_000) + libpi.hits(500_000, first=500_000)
        785987
    """
    number, seed = number_and_seed(generator, seed)
    first = _arguments.whole(first, "first")
    count = _arguments.whole(count, "count")
    # Tested here, because a function call costs more than the test.
    thread_count = 0 if threads is None else _arguments.thread_count(threads)
    answer = ffi.new(_ANSWER)
    if count <= _SHORT and progress is False:
        if kernel == "auto" and driver == "auto":
            status = _libpi_hits(number, seed, first, count, thread_count, answer)
        else:
            names = _arguments.name(kernel, "kernel"), _arguments.name(driver, "driver")
            status = lib.libpi_hits_with(*names, number, seed, first, count, thread_count, answer)
        if status:  # Tested here, because a function call costs more than the test.
            raise failure(status)
        counted: int = answer[0]
        return counted

    names = _arguments.name(kernel, "kernel"), _arguments.name(driver, "driver")
    raised, done = Raised(), ffi.new("uint64_t *")
    with shown(progress) as function:
        callback = watcher(function, raised)
        status = lib.libpi_hits_progress(
            *names, number, seed, first, count, thread_count, callback, ffi.NULL, answer, done
        )
    raised.again()
    check(status)
    return int(answer[0])


@dataclass(frozen=True)
class Estimate:
    """An estimate of pi from a number of hits.

    Attributes:
        pi: the estimate, 4 * hits / count
        standard_error: of pi
        interval: the ends of Wilson's 95% confidence interval for pi
        hits: how many samples lie inside the circle
        count: how many samples there were
    """

    pi: float
    standard_error: float
    interval: tuple[float, float]
    hits: int
    count: int

    @classmethod
    def of(cls, hits: int, count: int) -> Estimate:
        """Returns the estimate from hits that were counted already.

        Raises ValueError for no samples, and for more hits than samples.

        Example:
            >>> import libpi
            >>> libpi.Estimate.of(785987, 1_000_000).pi
            3.143948
        """
        hits, count = _arguments.whole(hits, "hits"), _arguments.whole(count, "count")
        numbers = [ffi.new("double *") for _ in range(4)]
        pi, standard_error, lower, upper = numbers
        check(lib.libpi_estimate(hits, count, pi, standard_error))
        check(lib.libpi_interval(hits, count, lower, upper))
        return cls(pi[0], standard_error[0], (lower[0], upper[0]), hits, count)

    def __str__(self) -> str:
        title, *rows = self._rows
        return "\n".join([f"pi = {title[1]}", *(f"  {name:<13} {value}" for name, value in rows)])

    def _repr_html_(self) -> str:
        cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in self._rows)
        return f"<table>{cells}</table>"

    @property
    def _rows(self) -> list[tuple[str, str]]:
        """Returns what is shown, with two digits of the standard error and as many places of pi."""
        error = self.standard_error
        places = min(max(1 - math.floor(math.log10(error)), 0), 15) if error > 0 else 2
        pi = f"{self.pi:.{places}f} ± {error:.{places}f} (standard error)"
        if error == 0:
            pi = f"{self.pi:g} (too few samples for a standard error)"
        lower, upper = (f"{end:.{places}f}" for end in self.interval)
        return [
            ("pi", pi),
            ("95% interval", f"{lower} to {upper}"),
            ("hits", f"{self.hits} of {self.count} samples"),
        ]


def estimate(
    count: int,
    *,
    seed: int | None = None,
    first: int = 0,
    generator: str = "philox",
    kernel: str = "auto",
    driver: str = "auto",
    threads: int | None = None,
    progress: bool | Progress = False,
) -> Estimate:
    """Estimates pi from `count` samples, at least one.

    The arguments and exceptions are those of `hits`. No samples give a ValueError.

    Example:
        >>> import libpi
        >>> print(libpi.estimate(1_000_000))
        pi = 3.1439 ± 0.0016 (standard error)
          95% interval  3.1407 to 3.1472
          hits          785987 of 1000000 samples
    """
    counted = hits(
        count,
        seed=seed,
        first=first,
        generator=generator,
        kernel=kernel,
        driver=driver,
        threads=threads,
        progress=progress,
    )
    return Estimate.of(counted, count)
