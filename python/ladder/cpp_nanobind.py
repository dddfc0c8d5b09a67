"""Calls C++ through nanobind, and counts in parallel with OpenMP.

What you learn: nanobind is the successor of pybind11, with smaller modules and cheaper calls. The
source is the same but for the name. coupling/sampler_nanobind.cpp is the module.
"""

import built
import rung

hits = built.module("sampler_nanobind").hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
