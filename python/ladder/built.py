"""Finds what `make ladder` builds from the sources in the folder coupling."""

import importlib
import os
import platform
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]

# The flags of /proc/cpuinfo that the level x86-64-v3 adds (x86-64 psABI, section 3.1.1).
LEVEL_3 = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}


def level() -> str:
    """What compilers call the level of this CPU, or nothing for the level that they take anyway."""
    if platform.machine() != "x86_64":
        return ""
    flags = Path("/proc/cpuinfo").read_text().partition("\nflags")[2].partition("\n")[0].split()
    return "x86-64-v3" if set(flags) >= LEVEL_3 else ""


def folder() -> Path:
    """The folder of what is built for this CPU, so that no other CPU runs it by mistake."""
    profile = os.environ.get("LADDER_PROFILE", "release")
    return PROJECT / "target" / profile / "ladder" / (level() or platform.machine())


def find(name: str) -> Path | None:
    """The file of a library or module. Python may add its version before the ending."""
    return next(iter(folder().glob(f"{name}.*so")), None)


def missing(name: str) -> str:
    """What to say if there is no such file."""
    return f"there is no {name} in {folder()}: `make ladder` builds it, or says why it cannot"


def library(name: str) -> str:
    """The path of a shared library. Ends the program if there is none."""
    # OpenMP reads its variables when it is loaded. The rungs say themselves how many threads they
    # start, and start them on all CPUs that the process may use.
    for variable in [key for key in os.environ if key.startswith(("OMP_", "GOMP_"))]:
        del os.environ[variable]
    path = find(name)
    return str(path) if path else sys.exit(f"error: {missing(name)}")


def module(name: str) -> Any:
    """A compiled module. Ends the program if there is none."""
    sys.path.insert(0, str(Path(library(name)).parent))
    return importlib.import_module(name)


def info() -> dict[str, str]:
    """What the answer of a rung tells about the compilers: flags and versions."""
    return {"built_with": (folder() / "built_with.txt").read_text()}
