"""Counts with the ranks of MPI, in pure Python: `mpiexec -n 2 python python_mpi.py 1000000`.

What you learn: mpiexec starts this program once for each rank. Each rank counts its own part, and
gather brings all counts to rank 0, as a list. On all other ranks gather returns None, so only rank
0 can add up and print. Ranks may run on several computers.
"""

from mpi4py import MPI

import rung
from python_serial import count_range

comm = MPI.COMM_WORLD


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts this rank's part. Rank 0 returns the sum of all parts."""
    part = rung.split(first, count, comm.size)[comm.rank]
    counts = comm.gather(count_range(seed, *part))
    if counts is None:  # Only rank 0 has the list.
        return 0
    return sum(counts)


if __name__ == "__main__":
    rung.main(hits, comm=comm)
