"""The calls into compiled languages: all are built, exact, and leave the interpreter's lock."""

import importlib
import os
import shutil
import subprocess
import sys
import threading

import pytest
from ask import ROWS, request, run

import built
import table

# Fortran is the only language that may be missing.
NAMES = [
    row.name
    for row in ROWS.values()
    if row.built and (row.kernel != "fortran-loop" or shutil.which("gfortran"))
]

#: Ranges of philox and their hits: seed, first, count, hits. rust/known.rs has most of them.
KNOWN = [
    (42, 0, 0, 0),
    (42, 0, 1_000_000, 785_987),
    (42, 999_999, 1_000_001, 785_622),
    (42, 8_589_934_591, 3, 2),
    (42, 17_179_869_183, 1_000_000, 785_333),
    (42, 2**63 - 500_001, 1_000_003, 785_207),
    (42, 2**64 - 777_777, 777_777, 610_569),
    (42, 2**64 - 7, 7, 4),
    (2**64 - 1, 0, 16_777_216, 13_177_369),
]


@pytest.fixture(params=NAMES)
def hits(request):
    """The function of a rung, called in this process."""
    return importlib.import_module(request.param).hits


def test_every_range_counts_right_on_any_number_of_threads(hits):
    for threads in (1, 2, 3, 7):
        for seed, first, count, expected in KNOWN:
            assert hits(seed, first, count, threads) == expected, (seed, first, count, threads)


def test_more_threads_than_blocks_count_right(hits):
    assert hits(42, 8_589_934_591, 3, 16) == 2


def test_the_interpreters_lock_is_released(hits):
    """While one thread counts, another runs, although Python itself never switches."""
    started, seen = threading.Event(), threading.Event()
    missed = []

    def count():
        started.set()
        for _ in range(2000):
            hits(42, 0, 100_000, 1)
            if seen.is_set():
                return
        missed.append("the other thread never ran")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        counting = threading.Thread(target=count)
        counting.start()
        started.wait()
        seen.set()
        counting.join()
    finally:
        sys.setswitchinterval(interval)
    assert missed == []


@pytest.mark.parametrize("name", NAMES)
def test_variables_of_openmp_and_rayon_do_not_decide(name):
    row = ROWS[name]
    text = request(row, count=1001, threads=3)
    variables = {"OMP_THREAD_LIMIT": "1", "OMP_DYNAMIC": "true", "RAYON_NUM_THREADS": "1"}
    bound = {"OMP_PROC_BIND": "true", "OMP_PLACES": "{0}"}
    done = run("runner.py", row.kernel, row.driver, text=text, **bound, **variables)
    assert done.returncode == 0, done.stderr
    assert "info threads 3\n" in done.stdout
    assert "info built_with -O3" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_built_is_named_with_the_remedy(name):
    row = ROWS[name]
    for program, arguments in (
        ("runner.py", ("--version", row.kernel, row.driver)),
        (row.file, ("1000",)),
    ):
        done = run(program, *arguments, LADDER_PROFILE="nowhere")
        assert done.returncode == 1
        assert done.stdout == ""
        assert f"there is no {row.built} in " in done.stderr
        assert "make ladder" in done.stderr


def test_every_language_is_compiled_for_the_same_level():
    """The level is the best that both the CPU and the commands know, or the compilers' own."""
    assert built.level() in ("", "x86-64-v3")
    if built.level():
        assert f"-march={built.level()}" in built.info()["built_with"]


@pytest.mark.parametrize("name", NAMES)
def test_libraries_stay_while_openmps_threads_run(name):
    """Python may unload a library at its end, before the threads of the library end."""
    if name == "rust_pyo3":
        pytest.skip("rayon's threads end with the call")
    program = f"""if True:
        import gc, sys, {name}
        assert {name}.hits(42, 0, 100_000, 7) == 78_651
        for module in ("{name}", "built"):
            del sys.modules[module]
        del {name}
        gc.collect()
        maps = open("/proc/self/maps").read()
        assert "libgomp" in maps
    """
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(table.FOLDER)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
