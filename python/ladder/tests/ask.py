"""How the tests run rungs."""

import os
import subprocess
import sys
from pathlib import Path

import table

RUNNER = table.FOLDER / "runner.py"


def run(program, *arguments, text="", **variables):
    """Runs a program of the ladder, with this text on its stdin."""
    return subprocess.run(
        [sys.executable, str(table.FOLDER / program), *map(str, arguments)],
        input=text,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def request(row, count, **more):
    """The text of a request for a rung."""
    keys = {
        "generator": row.generator,
        "kernel": row.kernel,
        "driver": row.driver,
        "count": count,
        **more,
    }
    return "".join(f"{key} {value}\n" for key, value in keys.items())


def children_of(pid):
    """The processes that a process has started, and those that they have started."""
    tasks = Path(f"/proc/{pid}/task")
    found = []
    try:
        for task in tasks.iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *children_of(int(child))]
    except OSError:  # It has ended meanwhile.
        pass
    return found
