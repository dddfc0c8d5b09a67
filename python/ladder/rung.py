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
from dataclasses import dataclass
from socket import gethostname
from time import perf_counter
from typing import Any, NoReturn, TextIO

import cpus
import table
from arguments import read_arguments
from protocol import (
    LARGEST,
    Request,
    RequestError,
    cpus_allowed,
    own_stdout,
    text_on_stdin,
    timed_runs,
    write_answer,
)
from workers import end_with_parent, fail, split, wait_for

__all__ = ["end_with_parent", "main", "refuse", "split", "wait_for"]

Hits = Callable[[int, int, int, int], int]
Service = Callable[[int], AbstractContextManager[object]]

MOST_WORKERS = 1024

VERSION = f"{sys.implementation.name} {sys.version.split()[0]}"


class Alone:
    """The communicator of a program without MPI, with the methods of mpi4py that rungs use."""

    rank = 0
    size = 1

    def barrier(self) -> None:
        """Waits for no one."""

    def bcast(self, value: Any) -> Any:
        """Returns the value of the only rank."""
        return value

    def allgather(self, value: Any) -> list[Any]:
        """Returns the values of all ranks."""
        return [value]


@dataclass(frozen=True)
class Rung:
    """A rung, and what it needs to run."""

    row: table.Row
    hits: Hits
    service: Service
    comm: Any
    info: Mapping[str, object]

    def show(self) -> None:
        """Counts once, as the command line says, and prints what came of it."""
        asked = read_arguments(self.row)
        usable, rule = cpus.usable()
        workers, chosen_by = asked.workers, "--workers"
        if workers is None:
            workers, chosen_by = self.usual_workers(asked.count, usable, rule)
        self.check(asked.first, asked.count, workers)
        with self.service(workers), busy_cpus() as busy:
            self.comm.barrier()
            begin = perf_counter()
            inside = self.hits(asked.seed, asked.first, asked.count, workers)
            seconds = perf_counter() - begin
        seconds = max(self.comm.allgather(seconds))
        all_busy = sum(self.comm.allgather(busy()))
        if self.comm.rank > 0:
            return
        if self.row.estimates_pi:
            print(f"pi       {4 * inside / asked.count:.6f}")
        print(f"hits     {inside} of {asked.count} samples")
        print(f"time     {seconds:.6f} s, {asked.count / seconds / 1e6:.3f} M/s")
        print(f"workers  {self.row.describe(self.comm.size, workers)} ({chosen_by})")
        print(f"CPUs     {all_busy:.2f} busy, of {usable} that this process may use ({rule})")

    def usual_workers(self, count: int, usable: int, rule: str) -> tuple[int, str]:
        """How many workers this process takes if it is asked for no number, and why."""
        if self.row.workers == "one":
            return 1, "this rung has one"
        if self.row.workers == "ranks":
            return 1, "as many as mpiexec started"
        here = self.comm.allgather(gethostname()).count(gethostname())
        if here > 1:
            usable, rule = max(usable // here, 1), f"{rule}, shared by {here} ranks"
        if usable > count:
            return count, "there are no more samples"
        return usable, rule

    def answer(self, out: TextIO) -> None:
        """Answers a request of the runner protocol. Rank 0 reads and writes for all ranks."""
        comm, row = self.comm, self.row
        request = Request(comm.bcast(text_on_stdin() if comm.rank == 0 else ""))
        for key, own in zip(("generator", "kernel", "driver"), row.cell.split("/"), strict=True):
            if request.values.get(key, own) != own:
                raise RequestError(f"{key} {request.text(key)}: {row.name} has {own} only")
        if request.number("ranks", 1) != comm.size:
            raise RequestError(f"ranks {request.text('ranks')}: {comm.size} started")
        seed, workers = request.number("seed", 42), request.number("threads", 1)
        first, count = request.samples()
        self.check(first, count, workers)
        with self.service(workers), busy_cpus() as busy:
            runs = timed_runs(request, lambda: self.hits(seed, first, count, workers), comm.barrier)
        of_ranks = comm.allgather([seconds for seconds, _ in runs])
        runs = [(max(times), inside) for *times, (_, inside) in zip(*of_ranks, runs, strict=True)]
        info = [("ranks", comm.size), ("threads", workers), *self.where(workers)]
        info.append(("busy_cpus", f"{sum(comm.allgather(busy())):.2f}"))
        info.append(("lines", row.lines()))
        if comm.rank == 0:
            write_answer(out, f"{row.name}, {VERSION}", [*info, *self.info.items()], runs)

    def where(self, workers: int) -> Iterator[tuple[str, str]]:
        """On which CPUs the workers of all ranks may run, as the protocol wants it."""
        of_ranks = self.comm.allgather((gethostname(), cpus_allowed()))
        for mask in sorted({mask for _, mask in of_ranks}):
            yield "mask", mask
        for host in sorted({host for host, _ in of_ranks}):
            masks = [mask for name, mask in of_ranks if name == host for _ in range(workers)]
            yield "worker_cpus", " ".join(masks)

    def check(self, first: int, count: int, workers: int) -> None:
        """Refuses what no rung can do, before anything is started."""
        if count == 0:
            raise RequestError("0 samples: give at least 1")
        if first + count > LARGEST + 1:
            raise RequestError(f"{count} samples from {first}: the last index must be below 2^64")
        if workers == 0:
            raise RequestError("0 workers: give at least 1")
        if workers > 1 and self.row.workers in ("one", "ranks"):
            raise RequestError(f"{workers} workers: {self.row.name} has one thread in a process")
        if workers > MOST_WORKERS:
            raise RequestError(f"{workers} workers: {MOST_WORKERS} is the most")
        if workers * self.comm.size > count:
            all_workers = workers * self.comm.size
            raise RequestError(f"{all_workers} workers for {count} samples: each needs one")


def main(
    hits: Hits,
    service: Service = nullcontext,
    comm: Any = None,
    row: table.Row | None = None,
    info: Mapping[str, object] | None = None,
) -> None:
    """Runs a rung as the command line says, or as a request on stdin says.

    `comm` is the communicator of a rung with MPI. All its ranks call `hits`, and the answer of rank
    0 counts. A program that is not in the table gives its row. `info` is told in the answer too.
    """
    rung = Rung(row or table.of_file(sys.argv[0]), hits, service, comm or Alone(), info or {})
    if rung.comm.size > 1:
        end_with_parent()  # The parent is the launcher.
    try:
        use_its_python(rung.row)
        react_to_signals(service is nullcontext)
        if sys.argv[1:] or sys.stdin.isatty():
            rung.show()
        else:
            with own_stdout() as out:
                rung.answer(out)
    except RequestError as error:
        fail(str(error), 2)
    except Exception as error:
        fail(f"{type(error).__name__}: {error}", 1)


def refuse(message: str) -> NoReturn:
    """Ends the program because of what was asked for: exit code 2."""
    raise RequestError(message)


def use_its_python(row: table.Row) -> None:
    """Starts a free-threaded Python in place of this one, if the rung needs it."""
    if missing := row.missing():
        raise RequestError(missing)
    if row.python == "free-threaded" and getattr(sys, "_is_gil_enabled", lambda: True)():
        python = table.free_threaded_python()
        assert python is not None, "Row.missing has found it"
        # The option wins over a variable PYTHON_GIL that asks for the lock.
        os.execv(python, [python, "-X", "gil=0", *sys.argv])


def react_to_signals(at_once: bool) -> None:
    """Lets Ctrl-C and SIGTERM end the program, even in a long call of compiled code.

    A rung with a service leaves its context manager first, which ends the service.
    """

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if at_once else leave)


@contextmanager
def busy_cpus() -> Iterator[Callable[[], float]]:
    """Gives a function that says how many CPUs were busy inside the context, on average."""
    used, begin = cpus.seconds_used(), perf_counter()
    shares: list[float] = []
    yield lambda: shares[0]
    shares.append((cpus.seconds_used() - used) / (perf_counter() - begin))
