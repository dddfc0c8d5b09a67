"""Calls C through ctypes, a part of Python, and counts in parallel with OpenMP.

What you learn: no compiler sees both sides of this call. Without `argtypes` and `restype`, ctypes
passes and returns an int of C, and a count beyond 2^31 goes wrong without a word. ctypes releases
the interpreter's lock while C runs. OpenMP's threads are no threads of Python, and never need it.
"""

from ctypes import CDLL, c_int, c_uint64

import built
import rung

hits = CDLL(built.library("libsampler_c")).pi_hits
hits.argtypes = (c_uint64, c_uint64, c_uint64, c_int)
hits.restype = c_uint64

if __name__ == "__main__":
    rung.main(hits, info=built.info())
