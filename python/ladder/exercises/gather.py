"""What gather does: the prints before and after it."""

from typing import Any

import mpi
from exercise import Numbers, Rows, sample, shares, show


def work(comm: Any, n: int, variant: str) -> mpi.Rank:
    """Count this rank's part, and keep what `inside` is before and after gather."""
    _, inside = sample(shares(n, comm.Get_size())[comm.Get_rank()])
    before = inside
    inside = comm.gather(inside, root=0)
    return {"before": before, "after": inside}


def measure(n: int) -> Numbers:
    """Run two ranks."""
    return {"samples": n, "ranks": mpi.start(2, n)}


def rows(numbers: Numbers) -> Rows:
    """Show what each rank has."""
    table: Rows = [("rank", "before gather", "after gather")]
    for rank in numbers["ranks"]:
        table.append((str(rank["rank"]), str(rank["before"]), str(rank["after"])))
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say what gather moved where."""
    n, ranks = numbers["samples"], numbers["ranks"]
    before = [rank["before"] for rank in ranks]
    gathered = ranks[0]["after"]
    said = [
        f"Before gather each rank has one number, its own count: {' and '.join(map(str, before))}. "
        "No rank can see the other's: a rank is a process with a memory of its own."
    ]
    if gathered != before:
        said.append(f"gather gave rank 0 the list {gathered}, which is not what the ranks sent.")
        return said
    others = "rank 1 has" if len(ranks) == 2 else "all others have"
    said.append(
        "gather(inside, root=0) sends these numbers to rank 0 as messages. After it rank 0 has the "
        f"list {gathered}, in the order of the ranks, and {others} {ranks[-1]['after']}."
    )
    total = sum(gathered)
    said.append(
        f"So rank 0 can add them up: {' + '.join(map(str, gathered))} = {total}, and pi is about 4 "
        f"* {total} / {n} = {4 * total / n:.4f}. If only the sum is wanted, reduce adds up on the "
        "way: comm.reduce(inside, root=0)."
    )
    return said


if __name__ == "__main__":
    if mpi.is_rank():
        mpi.tell(work)
    else:
        show("What does gather do?", 10**5, measure, rows, explain)
