"""Counts with libpi in each rank of MPI: `mpiexec -n 2 python libpi_mpi.py 1000000000`.

What you learn: Python does the communication, compiled code does the counting. Only one number for
each rank is sent, so the language of the communication does not matter.
"""

from mpi4py import MPI

import rung
from libpi_serial import count_range

comm = MPI.COMM_WORLD


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts this rank's part. All ranks get the sum of all parts."""
    part = rung.split(first, count, comm.size)[comm.rank]
    inside: int = comm.allreduce(count_range(seed, *part))
    return inside


if __name__ == "__main__":
    rung.main(hits, comm=comm)
