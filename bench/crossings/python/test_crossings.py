"""Tests the runner and the couplings, built in the folder that CROSSINGS names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from build import PROTOCOL
from runner import CROSSINGS

HERE = Path(__file__).resolve().parent
SCRIPTS = (PROTOCOL, *HERE.glob("*.py"))
RUNNER = Path(os.environ["CROSSINGS"], "runner")

# Fortran is the only language that a build may lack.
BUILT = [
    way for way in CROSSINGS if "fortran" not in way[0] or shutil.which("gfortran") is not None
]
WITH_BATCHES = [
    (pair, how) for pair, how in BUILT if pair.startswith(("python-", "numba-")) and how != "floor"
]


def ask(request: str, *arguments: str, runner: Path = RUNNER) -> subprocess.CompletedProcess[str]:
    """Puts a request to the runner; commas separate its lines."""
    text = request.replace(", ", "\n")
    return subprocess.run([runner, *arguments], input=text, capture_output=True, text=True)


def answers(request: str) -> list[int]:
    """The answers of all runs."""
    ended = ask(request)
    assert ended.returncode == 0, ended.stderr
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert lines[0][0] == "version"
    assert ["info", "threads", "1"] in lines
    assert ["info", "ranks", "1"] in lines
    runs = [line for line in lines if line[0] == "run"]
    assert all(float(seconds) >= 1e-9 for _, seconds, _ in runs)
    return [int(hits) for _, _, hits in runs]


def expected(pair: str, seed: int, first: int, count: int) -> int:
    """The answer of the last call."""
    answer = seed
    for i in range(first, first + count):
        answer = i if pair == "python-python" else ((3 * answer ^ i) - 1) % 2**64
    return answer


@pytest.mark.parametrize(("pair", "how"), BUILT)
def test_every_crossing_answers_right(pair: str, how: str) -> None:
    """The last answer is right, so all calls were made."""
    largest = 2**63 if how == "f2py" else 2**64
    for seed, first, count in [(42, 0, 1000), (largest - 1, largest - 99, 99), (7, 5, 0)]:
        request = f"kernel {pair}, driver {how}, seed {seed}, first {first}, count {count}"
        found = answers(f"generator crossing, {request}, warmup 1, runs 2")
        assert found == [expected(pair, seed, first, count)] * 2, request
    assert ask("", "--version", pair, how).stdout.startswith("pi-crossings")


@pytest.mark.parametrize(("pair", "how"), WITH_BATCHES)
def test_every_batch_is_counted(pair: str, how: str) -> None:
    """Batches of any size give the known counts."""
    for batch, first, count, hits in [
        (1, 2**33 - 1, 3, 2),
        (2, 2**33 - 1, 3, 2),
        (4096, 0, 1_000_000, 785_987),
        (999_983, 999_999, 1_000_001, 785_622),
        (2**64 - 1, 0, 1_000_000, 785_987),
    ]:
        request = f"kernel {pair}, driver {how}, first {first}, count {count}, batch {batch}"
        assert answers(f"generator batch, {request}") == [hits], request


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("generator batch", "does not give the generator"),
        ("generator batch, generator philox", "unknown generator 'philox'"),
        ("kernel python-c, kernel python-zig", "no crossing python-zig ctypes"),
        ("driver ctypes, driver direct", "no crossing python-c direct"),
        ("kernel python-c, kernel python-python, driver floor", "names driver a second time"),
        ("count 9", "does not give the count"),
        ("count 9, count 1e6", "count 1e6: it must be"),
        ("count 9, count -1", "count -1: it must be"),
        ("count 9, count ٣", "count ٣: it must be"),
        ("count 9, count 18446744073709551616", "below 2^64"),
        ("count 9, count 9, first 18446744073709551608", "2^64"),
        ("count 9, count 9223372036854775808", "less than 2^63"),
        ("batch 2, batch 0", "at least 1"),
        ("batch 2", "does not give the batch"),
        ("batch 2, batch", "a key needs a value"),
        ("batch 2, batch 2, threads 2", "threads 2: it must be 1"),
        ("batch 2, batch 2, ranks 7", "ranks 7: it must be 1"),
        ("batch 2, batch 2, runs -1", "runs -1"),
    ],
)
def test_invalid_requests_are_refused(change: str, words: str) -> None:
    """`change` is the line to remove from a good request, and the lines to add."""
    good = "generator batch, kernel python-c, driver ctypes, count 9, batch 2"
    assert ask(good).returncode == 0
    old, *new = change.split(", ")
    lines = [line for line in good.split(", ") if line != old] + new
    ended = ask(", ".join(lines))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert words in ended.stderr


def test_a_loop_without_a_kernel_has_no_batches() -> None:
    """A floor and a callback count no samples."""
    for way in ("kernel python-python, driver floor", "kernel c-numba, driver cfunc"):
        ended = ask(f"generator batch, {way}, count 9, batch 2")
        assert ended.returncode == 2
        assert "has no batches" in ended.stderr


@pytest.mark.parametrize(("pair", "how"), list(CROSSINGS))
def test_a_missing_coupling_is_named_with_the_remedy(pair: str, how: str, tmp_path: Path) -> None:
    """The scripts alone have the floor of Python, and say of all others how to build them."""
    for script in SCRIPTS:
        shutil.copy(script, tmp_path)
    command = [sys.executable, str(tmp_path / "runner.py"), "--version", pair, how]
    ended = subprocess.run(command, capture_output=True, text=True)
    if pair == "python-python":
        assert ended.returncode == 0
    else:
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "make setup crossings-python" in ended.stderr


def test_output_of_libraries_is_not_in_the_answer(tmp_path: Path) -> None:
    """A module may print when it is imported. The answer must not contain that."""
    for script in SCRIPTS:
        shutil.copy(script, tmp_path)
    (tmp_path / "built_with.txt").write_text("nothing")
    chatty = "print('chatter')\ncallee = kernel = lambda seed, first, count: 0\n"
    (tmp_path / "crossings_ctypes.py").write_text(chatty)
    request = "generator crossing\nkernel python-c\ndriver ctypes\ncount 9\n"
    command = [sys.executable, str(tmp_path / "runner.py")]
    ended = subprocess.run(command, input=request, capture_output=True, text=True)
    assert ended.stdout.startswith("version ")
    assert "chatter" in ended.stderr
    assert "chatter" not in ended.stdout
