"""Builds the couplings of the ladder. `make ladder` runs it.

Every language is optimised at level 3, without fast-math, for the level of the CPU that the
variable LEVEL of the commands names. LADDER_PROFILE=debug builds for tests: it shares what cargo
has built for other tests.
"""

from pathlib import Path

import couplings

import built

HERE = Path(__file__).resolve().parent

# The first two build the libraries that others call.
SOURCES = (
    "sampler.c",
    "sampler.f90",
    "sampler_cffi.py",
    "sampler_cython.pyx",
    "sampler_f2py.f90",
    "sampler_nanobind.cpp",
    "sampler_pybind11.cpp",
    "rust/lib.rs",
)
SHARED = ("build.py", "sampler.c", "sampler.f90", "sampler.h", "sampler.hpp")


def main() -> None:
    """Builds all couplings, and names those that cannot be built, with the reason."""
    folder = built.folder()
    folder.mkdir(parents=True, exist_ok=True)
    couplings.build(HERE, SOURCES, SHARED, folder, {"LEVEL": built.level()})
    flags = f"-O3 -march={built.level()}" if built.level() else "-O3"
    (folder / "built_with.txt").write_text(f"{flags}, {couplings.built_with()}")


if __name__ == "__main__":
    main()
