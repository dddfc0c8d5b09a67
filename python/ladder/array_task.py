"""One task of an array job: counts its part of the samples and prints the hits.

A scheduler starts this program once for each index, maybe on different nodes, and gives the index
in the environment. With Slurm, this command starts ten tasks, which print into ten files:

    sbatch --array=0-9 --wrap "python array_task.py 42 0 1000000"
"""

import os
import sys

from python_serial import count_range
from workers import fail, split


def numbers(texts: list[str], usage: str) -> list[int]:
    """The numbers of some texts. Ends the program if one of them is none."""
    if not all(text.isascii() and text.isdigit() for text in texts):
        fail(f"{usage}, not '{' '.join(texts)}'", 2)
    return list(map(int, texts))


def main() -> None:
    """Counts the part that belongs to this index. The parts have no samples in common."""
    arguments = sys.argv[1:] if len(sys.argv) == 4 else [""]
    variables = [os.environ.get(f"SLURM_ARRAY_TASK_{name}", "") for name in ("ID", "COUNT")]
    seed, first, count = numbers(arguments, "give SEED FIRST COUNT")
    index, tasks = numbers(variables, "SLURM_ARRAY_TASK_ID and _COUNT must be two numbers")
    if index >= tasks:
        fail(f"SLURM_ARRAY_TASK_ID {index}: it must be below SLURM_ARRAY_TASK_COUNT {tasks}", 2)
    begin, size = split(first, count, tasks)[index]
    print(count_range(seed, begin, size))


if __name__ == "__main__":
    main()
