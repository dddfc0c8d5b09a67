"""Builds the couplings into a folder. `make crossings-python` runs it.

A source file says at its top, after `Build:`, which command builds it. The commands run in the
folder of the built couplings. A coupling that cannot be built is left out, with the reason.
"""

import compileall
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

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
    "../../../fortran/philox.F90",
)

# A line that continues a command is indented by four spaces after the sign of a comment.
CONTINUED = r"\n(?: \*|//!|//|!|#|) {4}\s*"
COMMAND = re.compile(rf"Build: (.+(?:{CONTINUED}.+)*)")


def command(source: Path) -> str:
    """The command that the top of a source names."""
    found = COMMAND.search(source.read_text())
    assert found, f"{source} has no line with Build:"
    return re.sub(CONTINUED, " ", found[1])


def is_done(source: Path, done: Path) -> bool:
    """Whether a coupling was built after the last change of what it is built from.

    Cargo decides that by itself.
    """
    inputs = [source, *(HERE / name for name in SHARED), Path(sys.prefix, "pyvenv.cfg")]
    newest = max(path.stat().st_mtime for path in inputs)
    return source.suffix != ".rs" and done.exists() and done.stat().st_mtime > newest


def build(source: Path, folder: Path) -> None:
    """Builds one coupling and says how that ended."""
    done = folder / f"{source.name}.done"
    if is_done(source, done):
        return
    done.unlink(missing_ok=True)
    profile = {"debug": "dev"}.get(folder.parent.name, folder.parent.name)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SRC": str(HERE),
        "INCLUDE": sysconfig.get_path("include"),
        "PROFILE": profile,
    }
    shell = ["sh", "-c", command(source)]
    ended = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True)
    if ended.returncode == 0:
        done.touch()
        print(f"built {source.relative_to(HERE)}")
    else:
        said = (ended.stderr or ended.stdout).strip() or f"exit code {ended.returncode}"
        print(f"not built: {source.relative_to(HERE)}: {said}\nThe command was: {shell[-1]}")


def built_with() -> Iterator[str]:
    """The versions of what builds and makes the calls."""
    for name in ("Cython", "cffi", "nanobind", "numba", "numpy", "pybind11"):
        with suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"
    for compiler in ("cc", "gfortran"):
        with suppress(OSError):
            said = subprocess.run([compiler, "--version"], capture_output=True, text=True)
            yield said.stdout.partition("\n")[0]


def main() -> None:
    """Builds all couplings, and puts the runner beside them."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for script in (PROTOCOL, *HERE.glob("*.py")):
        shutil.copy(script, folder)
    for name in SOURCES:
        build(HERE / name, folder)
    # The runner starts sooner if Python need not compile it.
    compileall.compile_dir(folder, maxlevels=0, quiet=1)
    (folder / "built_with.txt").write_text(", ".join(built_with()))
    runner = folder / "runner"
    runner.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "${{0%/*}}/runner.py" "$@"\n')
    runner.chmod(0o755)


if __name__ == "__main__":
    main()
