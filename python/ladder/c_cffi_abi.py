"""Calls C through cffi in ABI mode, and counts in parallel with OpenMP.

What you learn: cffi reads a declaration in C and checks every argument: -1 and 2^64 are errors,
where ctypes takes their low 64 bits. ABI mode needs no compiler, so nothing checks the declaration.
cffi releases the interpreter's lock while C runs.
"""

from typing import Any

from cffi import FFI

import built
import rung

ffi = FFI()
ffi.cdef("uint64_t pi_hits(uint64_t seed, uint64_t first, uint64_t count, int threads);")
library: Any = ffi.dlopen(built.library("libsampler_c"))
hits = library.pi_hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
