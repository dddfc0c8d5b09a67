"""Counts in Cython, in parallel with prange.

What you learn: Cython is Python with types of C, and a compiler makes C of it. `noexcept nogil`
marks functions that need no interpreter. Only these run without its lock, and prange runs them on
OpenMP's threads. Numbers wrap as in C. coupling/sampler_cython.pyx is the module.
"""

import built
import rung

hits = built.module("sampler_cython").hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
