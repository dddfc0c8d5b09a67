"""Builds the module with which cffi calls the sampler in C in API mode.

cffi writes the module in C, so the compiler checks the declaration against the header.

Build: python $SRC/sampler_cffi.py
"""

import os

from cffi import FFI

ffi = FFI()
ffi.cdef("uint64_t pi_hits(uint64_t seed, uint64_t first, uint64_t count, int threads);")
ffi.set_source(
    "sampler_cffi",
    '#include "sampler.h"',
    include_dirs=[os.environ["SRC"]],
    libraries=["sampler_c"],
    library_dirs=["."],
    extra_compile_args=["-O3"],
    extra_link_args=["-Wl,-rpath,$ORIGIN"],
)
ffi.compile()
