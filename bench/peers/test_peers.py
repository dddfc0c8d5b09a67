"""Tests the peers: their estimates, their threads, what they refuse, how missing ones are skipped.

PEERS_REQUIRE=all makes a missing peer an error, and checks all by every rule of the protocol.
"""

import json
import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from math import pi, sqrt
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
CLONE = HERE.parents[1]
PI = Path(os.environ["PI"])
REQUIRED = os.environ.get("PEERS_REQUIRE") == "all"

#: These need what only `make setup-peers` installs, or a second compiler.
OPTIONAL = {"mkl", "random123", "random123-clang"}

#: Their processes take a second to start, so that only PEERS_REQUIRE=all checks them by every rule.
SLOW = {"numba", "numpy"}

SAMPLES = 2**20


def table(file: str, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((CLONE / "bench" / file).read_text())[key]
    return rows


@dataclass(frozen=True)
class Cell:
    """A cell of a peer in the suite."""

    runner: str
    generator: str
    kernel: str
    driver: str

    def __str__(self) -> str:
        return f"{self.kernel}/{self.driver}"


CELLS = [
    Cell(group["runner"], generator, kernel, driver)
    for group in table("suites/peers.toml", "cells")
    if "runner" in group
    for generator in group["generators"]
    for kernel in group["kernels"]
    for driver in group["drivers"]
]
RUNNERS = {row["name"]: row for row in table("runners.toml", "runner")}


def of_pi(*arguments: str) -> Any:
    """What the command prints as JSON."""
    told = subprocess.run([PI, *arguments, "--json"], capture_output=True, check=True)
    return json.loads(told.stdout)


#: The best level of this CPU, in whose folder the peers are built.
LEVEL: str = of_pi("info")["machine"]["best_level"]


def command(cell: Cell) -> list[str]:
    """The command of a peer. Skips the test if the peer is missing."""
    words = [word.replace("{level}", LEVEL) for word in RUNNERS[cell.runner]["command"]]
    words = [word.replace("{clone}", str(CLONE)) for word in words]
    program = PI.parent / words[0]
    if not program.exists():
        assert cell.runner in OPTIONAL, f"{program} is not built"
        assert not REQUIRED, f"{program} is not built: make setup-peers"
        pytest.skip(f"{program} is not built")
    return [str(program), *words[1:]]


def ask(cell: Cell, **more: object) -> subprocess.CompletedProcess[str]:
    """Sends a request to a peer."""
    request = {"generator": cell.generator, "kernel": cell.kernel, "driver": cell.driver}
    keys = {**request, "seed": 42, "first": 0, "count": SAMPLES, **more}
    text = "".join(f"{key} {value}\n" for key, value in keys.items())
    environment = {**os.environ, "NUMBA_NUM_THREADS": "3"}
    return subprocess.run(
        command(cell), input=text, capture_output=True, text=True, env=environment, timeout=300
    )


def answered(cell: Cell, **more: object) -> dict[str, list[str]]:
    """The lines of a peer's answer, by their first words."""
    told = ask(cell, **more)
    assert told.returncode == 0, told.stderr
    lines: dict[str, list[str]] = {}
    for line in told.stdout.splitlines():
        words = line.removeprefix("info ").split()
        lines.setdefault(words[0], []).append(" ".join(words[1:]))
    return lines


def hits(cell: Cell, **more: object) -> int:
    return int(answered(cell, **more)["run"][0].split()[1])


def several(cell: Cell) -> int:
    return 1 if cell.driver == "serial" else 3


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_estimates_are_near_pi_and_exact_peers_count_what_libpi_counts(cell: Cell) -> None:
    answer = answered(cell, threads=several(cell), runs=2)
    assert answer["threads"] == [str(several(cell))]
    assert len(answer["worker_cpus"][0].split()) == several(cell)
    assert len(answer["run"]) == 2
    counts = {int(run.split()[1]) for run in answer["run"]}
    assert len(counts) == 1, "the seed decides what a run counts"
    (count,) = counts
    if RUNNERS[cell.runner].get("exact", True):
        assert count == of_pi("sample", "-n", str(SAMPLES))["hits"]
    # Five standard errors, as in SAMPLER.md.
    assert abs(4 * count / SAMPLES - pi) < 5 * 1.6422 / sqrt(SAMPLES)


@pytest.mark.parametrize(
    "cell", [cell for cell in CELLS if cell.runner not in SLOW or REQUIRED], ids=str
)
def test_another_seed_and_another_range_give_other_points(cell: Cell) -> None:
    counts = {
        hits(cell, threads=several(cell), **other)
        for other in [{}, {"seed": 43}, {"first": SAMPLES}, {"seed": 42 + 2**32}]
    }
    assert len(counts) == 4


def one_of_each_runner() -> list[Cell]:
    """The last cell of each runner, which has several threads."""
    return list({cell.runner: cell for cell in CELLS}.values())


@pytest.mark.parametrize("cell", one_of_each_runner(), ids=str)
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kernel": "no-such-kernel"}, "no-such-kernel"),
        ({"driver": "no-such-driver"}, "no-such-driver"),
        ({"driver": "serial", "threads": 2}, "serial"),
        ({"threads": 0}, "threads"),
        ({"ranks": 2}, "ranks"),
        ({"count": -1}, "count"),
        ({"count": 2**64}, "count"),
        ({"first": 2**64 - 1, "count": 2}, "count"),
    ],
    ids=str,
)
def test_what_a_peer_cannot_do_it_refuses(cell: Cell, asked: dict[str, Any], words: str) -> None:
    if cell.runner in SLOW and not REQUIRED and "kernel" not in asked:
        pytest.skip("only PEERS_REQUIRE=all asks this, because its processes are slow")
    told = ask(cell, **asked)
    assert (told.returncode, told.stdout) == (2, "")
    assert words in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "cell",
    CELLS if REQUIRED else [cell for cell in one_of_each_runner() if cell.runner not in SLOW],
    ids=str,
)
def test_peers_keep_the_protocol(cell: Cell) -> None:
    kind = ["--statistical"] if RUNNERS[cell.runner].get("exact", True) is False else []
    names = ["--generator", cell.generator, "--kernel", cell.kernel, "--driver", cell.driver]
    told = subprocess.run(
        [PI, "check-runner", "--timeout", "5m", *kind, *names, *command(cell)],
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout


def test_each_file_of_the_table_is_short() -> None:
    rows = [line for line in (HERE / "README.md").read_text().splitlines() if line[:2] == "| "]
    files = [file for row in rows for file in re.findall(r"\]\((\w+\.\w+)\)", row)]
    assert len(files) >= 8
    for file in files:
        assert len((HERE / file).read_text().splitlines()) < 60, file


def test_missing_peers_are_skipped_with_what_brings_them(tmp_path: Path) -> None:
    # Beside this copy of the command no peer is built.
    alone = tmp_path / "pi"
    os.link(PI, alone)
    told = subprocess.run(
        [alone, "bench", "peers", "--dry-run"], capture_output=True, text=True, check=True
    ).stdout
    for cell in CELLS:
        row = RUNNERS[cell.runner]
        if "{clone}" in row["command"][0]:
            continue
        program = row["command"][0].removeprefix("./").replace("{level}", LEVEL)
        skipped = rf"skipped: {cell.generator}/{re.escape(str(cell))}/\dx\d: {tmp_path}/.*"
        reason = rf"{re.escape(program)} is not built: {row['build']}"
        assert re.search(skipped + reason, told), f"{cell}: {told}"
