"""Two guards: `if rank == 0` with MPI, and `__name__ == "__main__"` with new processes."""

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import mpi
from exercise import MissingError, Numbers, Rows, counted, sample, shares, show

# A program that starts a process as Windows and macOS do.
PROGRAM = """
import multiprocessing

def work():
    print("worked")

print("read")
"""
START = """
process = multiprocessing.get_context("spawn").Process(target=work)
process.start()
process.join()
"""
GUARD = 'if __name__ == "__main__":'


def work(comm: Any, n: int, variant: str) -> mpi.Rank:
    """Compute pi after gather without the guard `if rank == 0`."""
    _, inside = sample(shares(n, comm.Get_size())[comm.Get_rank()])
    gathered = comm.gather(inside, root=0)
    try:
        pi = 4.0 * sum(gathered) / n
    except TypeError as error:
        return {"gathered": gathered, "error": f"TypeError: {error}"}
    return {"gathered": gathered, "pi": pi}


def spawned(program: str) -> dict[str, Any]:
    """Run a program. Return how often it was read, whether it worked, and its complaint."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "program.py")
        file.write_text(program)
        done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    complaint = [line.strip() for line in done.stderr.partition("RuntimeError:")[2].splitlines()]
    return {
        "read": done.stdout.count("read"),
        "worked": done.stdout.count("worked"),
        "error": " ".join(filter(None, complaint[:4])),
    }


def measure(n: int) -> Numbers:
    """Run both programs without their guard, and the second with it, too."""
    numbers: Numbers = {
        "samples": n,
        "without": spawned(PROGRAM + START),
        "with": spawned(PROGRAM + GUARD + textwrap.indent(START, "    ")),
    }
    try:
        numbers["ranks"] = mpi.start(2, n)
    except MissingError as missing:
        numbers["no_ranks"] = str(missing)
    return numbers


def rows(numbers: Numbers) -> Rows:
    """Show what each rank computes, and how often the processes read the program."""
    table: Rows = [("without a guard", "what happens")]
    for rank in numbers.get("ranks", []):
        came = rank.get("error") or f"4 * sum({rank['gathered']}) / n = {rank['pi']:.4f}"
        table.append((f"rank {rank['rank']} computes pi", came))
    for title, name in (("spawn without a guard", "without"), ("spawn with it", "with")):
        one = numbers[name]
        came = f"the program is read {counted(one['read'], 'time')}, the work is done "
        table.append((title, came + counted(one["worked"], "time")))
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say what each guard prevents."""
    said = []
    if "ranks" in numbers:
        failed = [rank for rank in numbers["ranks"] if "error" in rank]
        said.append(
            "All ranks run the whole program. "
            + (
                f"After gather only rank 0 has the list: rank {failed[0]['rank']} has "
                f"{failed[0]['gathered']}, and sum of it is a {failed[0]['error']}. One rank that "
                "fails makes mpiexec end all others."
                if failed
                else "Here no rank failed."
            )
        )
        said.append(
            "So what needs the gathered numbers stands under `if rank == 0`. So does what shall "
            "happen once: without the guard every rank would print the answer, or write the same "
            "file."
        )
    else:
        said.append(f"The part with ranks is skipped: {numbers['no_ranks']}.")
    bare, guarded = numbers["without"], numbers["with"]
    said.append(
        "A process that is spawned (the rule on Windows and macOS) reads the program again, to "
        "find the "
        f'function that it shall run. Without `if __name__ == "__main__"` the program was read '
        f"{counted(bare['read'], 'time')}, and the work was done {counted(bare['worked'], 'time')}"
        + (f". Python says: {bare['error']}" if bare["error"] else ".")
        + " The new process reached the line that starts a process, and would start the next one. "
        f"With the guard it was read {counted(guarded['read'], 'time')} and worked "
        f'{counted(guarded["worked"], "time")}. In the new process __name__ is not "__main__".'
    )
    return said


if __name__ == "__main__":
    if mpi.is_rank():
        mpi.tell(work)
    else:
        show("Why `if rank == 0`, and why `__main__`?", 10**5, measure, rows, explain)
