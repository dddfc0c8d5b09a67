"""What the programs of "Spot the bug" share.

They use the modules of the ladder, in the folder above. kernel.py adds what needs NumPy.
"""

import sys
from collections.abc import Callable, Iterable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent))

import rung
from rung import end_with_parent, split
from table import Row

__all__ = ["end_with_parent", "main", "split", "starmap"]


def starmap(function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Calls a function once for each task, each time in a process that is forked from this one."""
    fork = get_context("fork")
    results, processes = [], []
    for task in tasks:
        receive, send = fork.Pipe(duplex=False)
        process = fork.Process(target=work, args=(send, function, task))
        process.start()
        send.close()  # Now only the process has this end, so its death is seen as an end of data.
        processes.append((process, receive))
    for process, receive in processes:
        results.append(receive.recv())
        process.join()
    return results


def work(send: Connection, function: Callable[..., Any], task: tuple[Any, ...]) -> None:
    """What a process of starmap does."""
    end_with_parent()
    send.send(function(*task))


class Program(Row):
    """The row of a program that is in no table."""

    @property
    def file(self) -> str:
        """The program. Its folder is not that of the table."""
        return str(Path(sys.argv[0]).resolve())


def main(hits: rung.Hits, generator: str = "philox") -> None:
    """Runs a program as a rung, which is in no table."""
    row = Program(
        name=Path(sys.argv[0]).stem,
        title="spot the bug",
        generator=generator,
        kernel="auto",
        driver="auto",
        workers="workers",
        limit="",
    )
    rung.main(hits, row=row)
