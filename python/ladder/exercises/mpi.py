"""How the exercises about MPI start their ranks, and how the ranks tell what they have."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from exercise import MissingError, option

Rank = dict[str, Any]

# A rank is started with this word, its exercise's number of samples, and a variant of its work.
IS_RANK = "--as-rank"


def launcher() -> list[str]:
    """Return the words that start ranks. {ranks} stands for their number."""
    words = shlex.split(option("--launcher") or os.environ.get("MPIEXEC", "mpiexec"))
    return words if any("{ranks}" in word for word in words) else [*words, "-n", "{ranks}"]


def start(ranks: int, n: int, variant: str = "") -> list[Rank]:
    """Start this program on ranks. Return what each told, and the time of the whole command."""
    words = [word.replace("{ranks}", str(ranks)) for word in launcher()]
    if find_spec("mpi4py") is None:
        raise MissingError("there is no module mpi4py: `make setup` installs it into .venv")
    if shutil.which(words[0]) is None:
        raise MissingError(
            f"there is no command {words[0]}: install an MPI (Debian: apt-get install "
            "openmpi-bin), or name its launcher in the variable MPIEXEC"
        )
    command = [*words, sys.executable, sys.argv[0], IS_RANK, str(n), variant]
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    lines = [line for line in done.stdout.splitlines() if line.startswith("[{")]
    told: list[Rank] = json.loads(lines[0]) if lines else []
    if len(told) == 1 < ranks and done.returncode == 0:
        raise MissingError(
            f"{words[0]} starts {ranks} processes, and each of them is the only rank: mpi4py uses "
            "another MPI. Name the launcher of that MPI in the variable MPIEXEC"
        )
    if done.returncode or len(told) != ranks:
        said = [line.strip() for line in done.stderr.splitlines() if any(map(str.isalnum, line))]
        why = " ".join(said[-4:]) or f"exit code {done.returncode} and no message"
        raise MissingError(f"{shlex.join(command)} fails: {why}")
    return [{**rank, "command_seconds": seconds} for rank in told]


def is_rank() -> bool:
    """Tell whether this process was started as a rank."""
    return sys.argv[1:2] == [IS_RANK]


def tell(work: Callable[[Any, int, str], Rank]) -> None:
    """Do the work of a rank. Rank 0 prints what all ranks have, as one line of JSON."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    told = work(comm, int(sys.argv[2]), sys.argv[3])
    # Lines that several ranks print may be mixed, so one rank prints all.
    ranks = comm.gather({"rank": comm.Get_rank(), **told}, root=0)
    if comm.Get_rank() == 0:
        print(f"\n{json.dumps(ranks)}\n", end="", flush=True)
