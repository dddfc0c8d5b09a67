"""One rank of MPI against two."""

import time
from typing import Any

import mpi
from exercise import Numbers, Rows, against, duration, sample, shares, show, times, usable_cpus


def work(comm: Any, n: int, variant: str) -> mpi.Rank:
    """Count this rank's part of n samples, and gather all counts on rank 0."""
    n_task = shares(n, comm.Get_size())[comm.Get_rank()]
    begin = time.perf_counter()
    _, inside = sample(n_task)
    seconds = time.perf_counter() - begin
    gathered = comm.gather(inside, root=0)
    pi = 4.0 * sum(gathered) / n if comm.Get_rank() == 0 else None
    return {"seconds": seconds, "pi": pi}


def measure(n: int) -> Numbers:
    """Run the program on one rank, then on two."""
    return {"samples": n, "cpus": usable_cpus(), "one": mpi.start(1, n), "two": mpi.start(2, n)}


def slowest(ranks: list[mpi.Rank]) -> float:
    """Return the time of the rank that takes longest: the others wait for it."""
    return float(max(rank["seconds"] for rank in ranks))


def rows(numbers: Numbers) -> Rows:
    """Show the time of each rank, and of the whole command."""
    table: Rows = [("ranks", "time of each rank", "the whole command", "pi")]
    for title, ranks in (("1", numbers["one"]), ("2", numbers["two"])):
        seconds = ", ".join(duration(rank["seconds"]) for rank in ranks)
        table.append(
            (title, seconds, duration(ranks[0]["command_seconds"]), f"{ranks[0]['pi']:.4f}")
        )
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say what the second rank gave, and what the start costs."""
    one, two = numbers["one"], numbers["two"]
    gain = slowest(one) / slowest(two)
    whole = one[0]["command_seconds"] / two[0]["command_seconds"]
    start = two[0]["command_seconds"] - slowest(two)
    said = [
        f"With two ranks the loop is {against(gain)} with one: each rank draws half of the "
        "samples, in a process with an interpreter of its own."
    ]
    if numbers["cpus"] == 1:
        said.append("Only one CPU may be used here: two ranks take turns on it.")
    elif gain < 1.6:
        said.append(
            "It could be nearly 2 times: other programs use the CPUs, or the two CPUs share a core."
        )
    said.append(
        f"The whole command is {against(whole)} with one rank. Starting Python and MPI and ending "
        f"them takes {duration(start)} of its {duration(two[0]['command_seconds'])}, however much "
        "work there is. So MPI is for long programs, and for more than one machine."
    )
    apart = max(two[0]["seconds"], two[1]["seconds"]) / min(two[0]["seconds"], two[1]["seconds"])
    if apart > 1.1:
        said.append(
            f"One of the two ranks took {times(apart)} as long as the other. gather waits for the "
            "slowest rank, so time the slowest. The lesson's program prints the time of rank 0."
        )
    return said


if __name__ == "__main__":
    if mpi.is_rank():
        mpi.tell(work)
    else:
        show("Are two ranks faster than one?", 2 * 10**6, measure, rows, explain)
