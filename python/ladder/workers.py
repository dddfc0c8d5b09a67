"""How rungs share work between workers, and how workers end."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult
    from multiprocessing.process import BaseProcess

T = TypeVar("T")


def split(first: int, count: int, parts: int) -> list[tuple[int, int]]:
    """Splits a range into parts (first, count), whose sizes differ by at most one sample."""
    ends = [first + count * part // parts for part in range(parts + 1)]
    return [(begin, end - begin) for begin, end in pairwise(ends)]


def end_with_parent(parent: int | None = None) -> None:
    """Makes this process end when the program that started it ends, even if that is killed.

    Otherwise the workers of a killed program stay, and wait for tasks. Pass this function as the
    initializer of a pool, or as the preexec_fn of subprocess.Popen. It works on Linux. A process
    that multiprocessing has not started does not know its parent, which may have ended already:
    give the parent's number.
    """
    from ctypes import CDLL
    from multiprocessing import parent_process
    from threading import Thread

    set_death_signal = 1  # PR_SET_PDEATHSIG, see prctl(2)
    CDLL(None).prctl(set_death_signal, int(signal.SIGKILL), 0, 0, 0)
    # Ctrl-C reaches all processes of a terminal, but the program decides how its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent is not None and parent != os.getppid():
        os._exit(1)
    program = parent_process()
    if program is not None and program.pid != os.getppid():
        # A fork server is the parent, and lives as long as its workers; or the program has ended.
        Thread(target=end_after, args=(program,), daemon=True).start()


def end_after(program: "BaseProcess") -> None:
    """Ends this process when a program ends."""
    program.join()
    os._exit(1)


def wait_for(result: "AsyncResult[T]") -> T:
    """Returns what Pool.map_async gives. Ends the program if a worker dies.

    Pool.map would wait forever for the task of a worker that was killed.
    """
    from multiprocessing import active_children

    workers = active_children()
    while not result.ready():
        result.wait(0.1)
        for worker in workers:
            if worker.exitcode is not None and not result.ready():
                fail(f"worker {worker.pid} died: {how_it_ended(worker.exitcode)}", 1)
    return result.get()


@contextmanager
def no_worker_may_die() -> Iterator[None]:
    """Ends the program if a worker dies inside the context.

    Executors notice that too. But the one of Python 3.11 may miss a worker that dies soon after its
    start, and then waits for it forever.
    """
    from multiprocessing import active_children
    from threading import Event, Thread

    done = Event()

    def watch() -> None:
        workers = set(active_children())
        while not done.wait(0.1):
            workers.update(active_children())
            for worker in workers:
                if worker.exitcode:
                    fail(f"worker {worker.pid} died: {how_it_ended(worker.exitcode)}", 1)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def how_it_ended(exitcode: int) -> str:
    """How a process ended, in words."""
    return f"killed by signal {-exitcode}" if exitcode < 0 else f"exit code {exitcode}"


def fail(message: str, code: int) -> NoReturn:
    """Ends the program at once. Its workers end with it, because of `end_with_parent`."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    os._exit(code)
