"""Builds the couplings into a folder. `make crossings-python` runs it."""

import compileall
import shlex
import shutil
import sys
from pathlib import Path

import couplings

HERE = Path(__file__).resolve().parent

# The runner protocol, which the rungs of the ladder share.
PROTOCOL = HERE / "../../../python/ladder/protocol.py"

# The first one builds the library that the others call.
SOURCES = (
    "callees.h",
    "crossings_cffi_api.py",
    "crossings_cython.pyx",
    "crossings_f2py.f90",
    "crossings_nanobind.cpp",
    "crossings_numba.py",
    "crossings_pybind11.cpp",
    "pyo3/lib.rs",
)

# What the commands read besides the source that names them.
SHARED = (
    "build.py",
    "callees.h",
    "../c/callee.c",
    "../fortran/callee.f90",
    "../../../c/philox.c",
    "../../../c/philox.h",
    "../../../c/hit_test.h",
    "../../../c/kernels.h",
    "../../../fortran/philox.F90",
)


def main() -> None:
    """Builds all couplings, and puts the runner beside them."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for script in (PROTOCOL, *HERE.glob("*.py")):
        shutil.copy(script, folder)
    couplings.build(HERE, SOURCES, SHARED, folder)
    # The runner starts sooner if Python need not compile it.
    compileall.compile_dir(folder, maxlevels=0, quiet=1)
    (folder / "built_with.txt").write_text(couplings.built_with())
    runner = folder / "runner"
    runner.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "${{0%/*}}/runner.py" "$@"\n')
    runner.chmod(0o755)


if __name__ == "__main__":
    main()
