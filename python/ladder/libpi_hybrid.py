"""Counts with ranks of several threads: `mpiexec --bind-to none -n 2 python libpi_hybrid.py N`.

What you learn: on a cluster one rank for each computer, with a thread for each of its CPUs, needs
less memory and fewer messages than a rank for each CPU. Both must be told how many threads there
are: Open MPI binds each of two ranks to one CPU, unless you pass --bind-to none or --map-by.
"""

import libpi.mpi
from mpi4py import MPI

import rung


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with all ranks, each with so many threads. All ranks get the sum."""
    return libpi.mpi.hits(MPI.COMM_WORLD, count, seed=seed, first=first, threads=workers)


if __name__ == "__main__":
    rung.main(hits, comm=MPI.COMM_WORLD)
