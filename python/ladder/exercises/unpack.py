"""Why `_, inside = sample(n_task)` and not `n, inside = sample(n_task)`."""

from typing import Any

import mpi
from exercise import Numbers, Rows, sample, show, times

RANKS = 2


def work(comm: Any, n: int, variant: str) -> mpi.Rank:
    """Estimate pi as the lesson does, or with n overwritten, or from all that the tasks return."""
    n_task = int(n / comm.Get_size())
    if variant == "underscore":
        _, inside = sample(n_task)
        gathered = comm.gather(inside, root=0)
        drawn = n
    elif variant == "overwritten":
        n, inside = sample(n_task)
        gathered = comm.gather(inside, root=0)
        drawn = n
    else:
        both = comm.gather(sample(n_task), root=0) or []
        gathered = [inside for _, inside in both]
        drawn = sum(n for n, _ in both)
    if comm.Get_rank() != 0:
        return {}
    return {"n": drawn, "inside": sum(gathered), "pi": 4.0 * sum(gathered) / drawn}


def measure(n: int) -> Numbers:
    """Run the three variants on two ranks."""
    variants = ("underscore", "overwritten", "returned")
    return {"samples": n, **{name: mpi.start(RANKS, n, name)[0] for name in variants}}


CODE = {
    "underscore": "_, inside = sample(n_task)",
    "overwritten": "n, inside = sample(n_task)",
    "returned": "sums of all that tasks return",
}


def rows(numbers: Numbers) -> Rows:
    """Show what each variant divides by, and its estimate."""
    table: Rows = [("program", "inside, all ranks", "divided by", "4 * inside / n")]
    for name, code in CODE.items():
        one = numbers[name]
        table.append((code, str(one["inside"]), str(one["n"]), f"{one['pi']:.4f}"))
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say what goes wrong when n is overwritten."""
    n, right, wrong = numbers["samples"], numbers["underscore"], numbers["overwritten"]
    drawn = numbers["returned"]["n"]
    said = [
        f"sample returns what it was given, n_task = {wrong['n']}, and its count. With `n, inside "
        f"= …` the name n, which was {n} for all ranks together, now is the number of one rank. "
        f"The sum of both ranks is divided by it, and pi comes out as {wrong['pi']:.4f}: "
        f"{times(wrong['pi'] / right['pi'])} the estimate {right['pi']:.4f}, one for each rank.",
        "With one rank both programs are right, so a test on one rank finds nothing. The name _ "
        "says that this value is not used.",
    ]
    if drawn < n:
        said.append(
            f"{n} does not divide by {RANKS}: int(n / size) * size is {drawn}, so {n - drawn} "
            f"sample is never drawn, and the lesson's program divides by {n} all the same. The "
            f"third program adds up what the tasks return, and divides by {drawn}: right for every "
            "number of ranks."
        )
    else:
        said.append(
            "The third program adds up both numbers that the tasks return. It is right for every "
            "number of ranks, also if n does not divide by it (try an odd number, -n 1000001)."
        )
    return said


if __name__ == "__main__":
    if mpi.is_rank():
        mpi.tell(work)
    else:
        show("Why `_, inside = sample(n_task)`?", 2 * 10**5 + 1, measure, rows, explain)
