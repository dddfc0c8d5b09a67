"""Calls C++ through pybind11, and counts in parallel with OpenMP.

What you learn: the template `def` reads the types from the function, so there is no declaration to
get wrong. pybind11 keeps the interpreter's lock, unless `gil_scoped_release` says otherwise: then
other threads of Python run while C++ counts. coupling/sampler_pybind11.cpp is the module.
"""

import built
import rung

hits = built.module("sampler_pybind11").hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
