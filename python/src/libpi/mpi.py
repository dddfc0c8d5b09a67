"""Counting with all ranks of an MPI job, through mpi4py.

Python does the nodes, compiled code does the cores: every rank counts its part of the range with
threads, and one allreduce adds up. This module needs no MPI library; it calls methods of the
communicator that it gets.

Example, in a program that `mpiexec -n 4 python program.py` starts:

    from mpi4py import MPI
    import libpi.mpi

    hits = libpi.mpi.hits(MPI.COMM_WORLD, 10**10)
    if MPI.COMM_WORLD.rank == 0:
        print(libpi.Estimate.of(hits, 10**10))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from libpi._catalog import split
from libpi._count import hits as hits_here


@dataclass
class _Part:
    """What one rank counted, or some ranks together."""

    arguments: tuple[object, ...]
    hits: int
    failure: tuple[int, Exception] | None

    def __add__(self, other: _Part) -> _Part:
        failure = self.failure or other.failure
        if failure is None and self.arguments != other.arguments:
            pair = f"{self.arguments} and {other.arguments}"
            text = f"the ranks called libpi.mpi.hits with different arguments: {pair}"
            failure = (0, ValueError(f"{text}; pass the same on every rank"))
        return _Part(self.arguments, self.hits + other.hits, failure)


def hits(
    comm: Any,
    count: int,
    *,
    seed: int | None = None,
    first: int = 0,
    generator: str = "philox",
    kernel: str = "auto",
    driver: str = "auto",
    threads: int | None = None,
) -> int:
    """Counts hits with all ranks of a communicator. Every rank gets the same answer.

    All ranks must call it, with the same arguments (`kernel`, `driver` and `threads` may differ).
    An exception on one rank is raised on all.

    Args:
        comm: an intracommunicator of mpi4py
        count: how many samples all ranks together count
        seed: as in `libpi.hits`
        first: as in `libpi.hits`
        generator: as in `libpi.hits`
        kernel: as in `libpi.hits`
        driver: as in `libpi.hits`
        threads: on this rank; None takes all CPUs that this rank may use. Bind the ranks
            (`mpiexec --map-by …`) or pass a number, so that the ranks of a node do not take the
            same CPUs

    Raises:
        TypeError: `comm` is not a communicator of mpi4py
        ValueError: the communicator is null or connects two groups, the ranks' arguments differ,
            or as in `libpi.hits`
        OverflowError, libpi.Error: as in `libpi.hits`
    """
    rank, size = _rank_and_size(comm)
    arguments = (count, seed, first, generator)
    try:
        part_first, part_count = split(count, size, rank, first=first)
        counted = hits_here(
            part_count,
            seed=seed,
            first=part_first,
            generator=generator,
            kernel=kernel,
            driver=driver,
            threads=threads,
        )
        part = _Part(arguments, counted, None)
    except Exception as exception:
        part = _Part(arguments, 0, (rank, exception))
    whole: _Part = comm.allreduce(part)
    if whole.failure is not None:
        raise whole.failure[1]
    return whole.hits


def _rank_and_size(comm: Any) -> tuple[int, int]:
    methods = ("allreduce", "Get_rank", "Get_size", "Is_inter")
    if not all(callable(getattr(comm, method, None)) for method in methods):
        kind = type(comm).__name__
        raise TypeError(
            f"comm is {comm!r}, a {kind}: pass a communicator of mpi4py, such as MPI.COMM_WORLD"
        )
    if not comm:
        raise ValueError("comm is MPI.COMM_NULL: pass a communicator that contains this rank")
    if comm.Is_inter():
        raise ValueError("comm connects two groups: pass an intracommunicator (merge it first)")
    return comm.Get_rank(), comm.Get_size()
