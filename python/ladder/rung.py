"""What the rungs share.

A rung is a small program that counts in one way:

    def hits(seed: int, first: int, count: int, workers: int) -> int:
        ...

    if __name__ == "__main__":
        rung.main(hits)

It runs by itself (`python python_pool.py 1000000 --workers 2`). Without arguments it answers a
request of the runner protocol, so that `pi bench ladder` measures it. A rung that needs something
costly, such as a server, starts it in a context manager, which the clock does not time:
`rung.main(hits, service)`.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import TextIO

import cpus
import table
from protocol import (
    LARGEST,
    Request,
    RequestError,
    cpus_allowed,
    own_stdout,
    request_on_stdin,
    timed_runs,
    write_answer,
)
from workers import end_with_parent, fail, split, wait_for

__all__ = ["end_with_parent", "main", "split", "wait_for"]

Hits = Callable[[int, int, int, int], int]
Service = Callable[[int], AbstractContextManager[object]]

MOST_WORKERS = 1024

VERSION = f"{sys.implementation.name} {sys.version.split()[0]}"


def main(
    hits: Hits,
    service: Service = nullcontext,
    row: table.Row | None = None,
    info: Mapping[str, object] | None = None,
) -> None:
    """Runs a rung as the command line says, or as a request on stdin says.

    A program that is not in the table gives its row. `info` is told in the answer too.
    """
    row = row or table.of_file(sys.argv[0])
    try:
        use_its_python(row)
        react_to_signals(service is nullcontext)
        if sys.argv[1:] or sys.stdin.isatty():
            show(row, hits, service)
        else:
            with own_stdout() as out:
                answer(out, request_on_stdin(), row, hits, service, info or {})
    except RequestError as error:
        fail(str(error), 2)
    except Exception as error:
        fail(f"{type(error).__name__}: {error}", 1)


def use_its_python(row: table.Row) -> None:
    """Starts a free-threaded Python in place of this one, if the rung needs it."""
    if missing := row.missing():
        raise RequestError(missing)
    if row.python == "free-threaded" and getattr(sys, "_is_gil_enabled", lambda: True)():
        python = table.free_threaded_python()
        assert python is not None, "Row.missing has found it"
        os.execv(python, [python, *sys.argv])


def react_to_signals(at_once: bool) -> None:
    """Lets Ctrl-C and SIGTERM end the program, even in a long call of compiled code.

    A rung with a service leaves its context manager first, which ends the service.
    """

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if at_once else leave)


def show(row: table.Row, hits: Hits, service: Service) -> None:
    """Counts once, and prints what came of it."""
    from arguments import read_arguments

    asked = read_arguments(row)
    usable, rule = cpus.usable()
    if asked.workers is not None:
        workers, chosen_by = asked.workers, "--workers"
    elif row.workers == "one":
        workers, chosen_by = 1, "this rung counts on one thread"
    elif usable > asked.count:
        workers, chosen_by = asked.count, "there are no more samples"
    else:
        workers, chosen_by = usable, rule
    check(row, asked.first, asked.count, workers)
    with service(workers), busy_cpus() as busy:
        begin = perf_counter()
        inside = hits(asked.seed, asked.first, asked.count, workers)
        seconds = perf_counter() - begin
    kind = "thread" if row.workers == "one" else row.workers
    print(f"pi       {4 * inside / asked.count:.6f}")
    print(f"hits     {inside} of {asked.count} samples")
    print(f"time     {seconds:.6f} s, {asked.count / seconds / 1e6:.3f} M/s")
    print(f"workers  {workers} {kind} ({chosen_by})")
    print(f"CPUs     {busy():.2f} busy, of {usable} that this program may use ({rule})")


def answer(
    out: TextIO,
    request: Request,
    row: table.Row,
    hits: Hits,
    service: Service,
    more: Mapping[str, object],
) -> None:
    """Answers a request of the runner protocol."""
    for key, own in (("generator", row.generator), ("kernel", row.kernel), ("driver", row.driver)):
        if request.values.get(key, own) != own:
            raise RequestError(f"{key} {request.text(key)}: {row.name} has {own} only")
    if request.number("ranks", 1) != 1:
        raise RequestError(f"ranks {request.text('ranks')}: {row.name} is one process, not MPI")
    seed, workers = request.number("seed", 42), request.number("threads", 1)
    first, count = request.samples()
    check(row, first, count, workers)
    with service(workers), busy_cpus() as busy:
        runs = timed_runs(request, lambda: hits(seed, first, count, workers))
    mask = cpus_allowed()
    info = [
        ("ranks", 1),
        ("threads", workers),
        ("mask", mask),
        ("worker_cpus", " ".join([mask] * workers)),
        ("busy_cpus", f"{busy():.2f}"),
        *more.items(),
    ]
    write_answer(out, f"{row.name}, {VERSION}", info, runs)


def check(row: table.Row, first: int, count: int, workers: int) -> None:
    """Refuses what no rung can do, before anything is started."""
    if count == 0:
        raise RequestError("0 samples: give at least 1")
    if first + count > LARGEST + 1:
        raise RequestError(f"{count} samples from {first}: the last index must be below 2^64")
    if workers == 0:
        raise RequestError("0 workers: give at least 1")
    if row.workers == "one" and workers > 1:
        raise RequestError(f"{workers} workers: {row.name} counts on one thread only")
    if workers > min(count, MOST_WORKERS):
        most = f"there are {count} samples" if workers > count else f"{MOST_WORKERS} is the most"
        raise RequestError(f"{workers} workers: {most}, so ask for fewer")


@contextmanager
def busy_cpus() -> Iterator[Callable[[], float]]:
    """Gives a function that says how many CPUs were busy inside the context, on average."""
    used, begin = cpus.seconds_used(), perf_counter()
    ended: list[float] = []
    yield lambda: ended[0]
    ended.append((cpus.seconds_used() - used) / (perf_counter() - begin))
