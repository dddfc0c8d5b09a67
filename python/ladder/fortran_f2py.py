"""Calls Fortran through f2py, a part of NumPy, and counts in parallel with OpenMP.

What you learn: f2py reads Fortran, so the routine needs no declaration in C. Its integers have a
sign, so a seed from 2^63 on is passed as the negative number that has the same bits. f2py keeps the
interpreter's lock, unless `!f2py threadsafe` says otherwise. coupling/sampler_f2py.f90 is the
module.
"""

from ctypes import c_int64

import built
import rung

fortran = built.module("sampler_f2py")


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with so many threads of OpenMP."""
    seed, first, count = (c_int64(number).value for number in (seed, first, count))
    return int(fortran.hits(seed, first, count, workers))


if __name__ == "__main__":
    rung.main(hits, info=built.info())
