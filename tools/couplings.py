"""Builds couplings: ways in which Python calls other languages.

A source file says at its top, after `Build:`, which command builds it. The commands run in the
folder of the built couplings, and find in their environment

    SRC        the folder of the sources
    INCLUDE    the folder of Python's headers
    PROFILE    the profile of cargo whose folder, such as target/release, holds the built couplings

A coupling that cannot be built is left out, with the reason.
"""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# A line that continues a command is indented by four spaces after the sign of a comment.
CONTINUED = r"\n(?: \*|//!|//|!|#|) {4}\s*"
COMMAND = re.compile(rf"Build: (.+(?:{CONTINUED}.+)*)")


def command(source: Path) -> str:
    """The command that the top of a source names."""
    found = COMMAND.search(source.read_text())
    assert found, f"{source} has no line with Build:"
    return re.sub(CONTINUED, " ", found[1])


def is_done(source: Path, shared: Iterable[Path], done: Path) -> bool:
    """Whether a coupling was built after the last change of what it is built from.

    Cargo decides that by itself.
    """
    inputs = [source, *shared, Path(__file__), Path(sys.prefix, "pyvenv.cfg")]
    newest = max(path.stat().st_mtime for path in inputs)
    return source.suffix != ".rs" and done.exists() and done.stat().st_mtime > newest


def build(
    here: Path,
    sources: Iterable[str],
    shared: Iterable[str],
    folder: Path,
    values: Mapping[str, str] | None = None,
) -> None:
    """Builds sources of the folder `here`, in this order, and says how that ended.

    `shared` are files that the commands read besides the source that names them, and `values` more
    variables for the commands.
    """
    profiles = (above.name for above in folder.parents if above.name in ("debug", "release"))
    profile = next(profiles, folder.parent.name)
    # The build tools are programs in Python too: what this program imports is not meant for them.
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment = {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SRC": str(here),
        "INCLUDE": sysconfig.get_path("include"),
        "PROFILE": {"debug": "dev"}.get(profile, profile),
        **(values or {}),
    }
    inputs = [here / name for name in shared]
    for name in sources:
        source, done = here / name, folder / f"{Path(name).name}.done"
        if is_done(source, inputs, done):
            continue
        done.unlink(missing_ok=True)
        shell = ["sh", "-c", command(source)]
        ended = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True)
        if ended.returncode == 0:
            done.touch()
            print(f"built {name}", flush=True)
        else:
            said = (ended.stderr or ended.stdout).strip() or f"exit code {ended.returncode}"
            print(f"not built: {name}: {said}\nThe command was: {shell[-1]}", flush=True)


def built_with() -> str:
    """The versions of what builds and makes the calls."""
    found = []
    for name in ("Cython", "cffi", "nanobind", "numba", "numpy", "pybind11"):
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    for compiler in ("cc", "gfortran"):
        with suppress(OSError):
            said = subprocess.run([compiler, "--version"], capture_output=True, text=True)
            found.append(said.stdout.partition("\n")[0])
    return ", ".join(found)
