"""One Monte Carlo pi sampler, written in Rust, C and Fortran, on any number of threads.

    >>> import libpi
    >>> libpi.hits(1_000_000)
    785987

`hits` and `estimate` count samples. `drive` runs a kernel of your own on libpi's threads.
`libpi.mpi.hits` uses all ranks of an MPI job.
"""

from libpi._catalog import Driver, Kernel, Threads, drivers, kernels, split, threads
from libpi._count import Estimate, estimate, hits
from libpi._drive import drive
from libpi._errors import Error, text
from libpi._libpi import lib

__version__: str = text(lib.libpi_version())

__all__ = [
    "Driver",
    "Error",
    "Estimate",
    "Kernel",
    "Threads",
    "__version__",
    "drive",
    "drivers",
    "estimate",
    "hits",
    "kernels",
    "split",
    "threads",
]
