"""Calls Rust through PyO3, and counts in parallel with rayon.

What you learn: the attribute `pyfunction` makes the module, and checks the arguments. The lock of
the interpreter is a value: `py.detach` gives it up, and the compiler refuses code that uses
Python's objects without it. rayon splits the range, and gives work of a busy thread to an idle one.
coupling/rust/lib.rs is the module.
"""

import built
import rung

hits = built.module("sampler_pyo3").hits

if __name__ == "__main__":
    rung.main(hits, info=built.info())
