"""How the tests run rungs."""

import os
import subprocess
import sys

import pytest

import table

RUNNER = table.FOLDER / "runner.py"

ROWS = {row.name: row for row in table.rows()}

ENVIRONMENT = {
    **os.environ,
    "NUMBA_NUM_THREADS": "3",
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


def run(program, *arguments, text="", launcher=(), **variables):
    """Runs a program of the ladder with this text on its stdin, and waits for its end."""
    return subprocess.run(
        [*launcher, sys.executable, str(table.FOLDER / program), *map(str, arguments)],
        input=text,
        env=ENVIRONMENT | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def start(program, *arguments, **variables):
    """Starts a program of the ladder."""
    return subprocess.Popen(
        [sys.executable, str(table.FOLDER / program), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT | variables,
        text=True,
    )


def request(row, **keys):
    """The text of a request for a rung."""
    names = {"generator": row.generator, "kernel": row.kernel, "driver": row.driver}
    return "".join(f"{key} {value}\n" for key, value in (names | keys).items())


def skip_if_missing(row):
    """Skips a test whose rung cannot run here, and names what is missing.

    `make test-all` installs everything but other Pythons, and sets LADDER_REQUIRE.
    """
    if missing := row.missing():
        if os.environ.get("LADDER_REQUIRE") and not row.python:
            pytest.fail(f"{row.name}: {missing}")
        pytest.skip(f"{row.name}: {missing}")
