"""Calls Fortran through iso_c_binding and cffi, and counts in parallel with OpenMP.

What you learn: `bind(C)` gives a procedure a name and arguments of C, so all that calls C calls it.
Fortran has no unsigned integers, but the 64 bits of a seed are the same in both languages.
coupling/sampler.f90 is the library.
"""

from typing import Any

from cffi import FFI

import built
import rung

ffi = FFI()
ffi.cdef("uint64_t pi_hits(uint64_t seed, uint64_t first, uint64_t count, int threads);")
library: Any = ffi.dlopen(built.library("libsampler_fortran"))
hits = library.pi_hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
