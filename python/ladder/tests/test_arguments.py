"""What rungs refuse, and what they say about workers and CPUs."""

import os
from dataclasses import replace

import pytest
from ask import ROWS, RUNNER, request, run

import table


@pytest.mark.parametrize(
    ("program", "arguments", "words"),
    [
        ("python_pool.py", "0", "0: give at least 1"),
        ("python_pool.py", "-5", "'-5' is not a whole number"),
        ("python_pool.py", "1.5", "'1.5' is not a whole number"),
        ("python_pool.py", "1e3", "'1e3' is not a whole number"),
        ("python_pool.py", "many", "'many' is not a whole number"),
        ("python_pool.py", "٣", "'٣' is not a whole number"),
        ("python_pool.py", "18446744073709551617", "is not a whole number in digits, up to 2^64"),
        ("python_pool.py", "2 --first 18446744073709551615", "must be below 2^64"),
        ("python_pool.py", "9 --workers 0", "0: give at least 1"),
        ("python_pool.py", "9 --workers 2.0", "'2.0' is not a whole number"),
        ("python_pool.py", "9 --workers 10", "10 workers for 9 samples"),
        ("python_pool.py", "9999 --workers 1025", "1024 is the most"),
        ("python_pool.py", "9 --seed -1", "--seed: '-1' is not a whole number"),
        ("python_pool.py", "9 --seed 18446744073709551616", "a seed is below 2^64"),
        ("python_pool.py", "9 --colour red", "unrecognized arguments"),
        ("python_pool.py", "--workers 2", "SAMPLES"),
        ("python_serial.py", "9 --workers 2", "has one thread in a process"),
    ],
)
def test_a_wrong_command_line_is_refused(program, arguments, words):
    done = run(program, *arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"count": 0}, "0 samples"),
        ({"count": "1.5"}, "count 1.5: it must be a whole number"),
        ({"count": -1}, "count -1"),
        ({"count": 2, "first": 2**64 - 1}, "2^64"),
        ({"count": 9, "threads": 0}, "0 workers"),
        ({"count": 9, "threads": 10}, "10 workers for 9 samples"),
        ({"count": 9, "ranks": 2}, "ranks 2"),
        ({"count": 9, "seed": 2**64}, "seed"),
        ({"count": 9, "generator": "npb"}, "npb"),
        ({"count": 9, "kernel": "pyhton"}, "pyhton"),
        ({"count": 9, "driver": "pool"}, "driver pool"),
    ],
)
def test_a_wrong_request_is_refused(keys, words):
    done = run("python_pool.py", text=request(ROWS["python_pool"], **keys))
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def shown(program, *arguments, **variables):
    """The lines that a rung prints, by their first word."""
    done = run(program, *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())


def test_a_rung_by_itself_prints_what_it_did():
    lines = shown("python_pool.py", 1001, "--workers", 3)
    assert lines["hits"] == "799 of 1001 samples"
    assert lines["pi"] == "3.192807"
    assert lines["workers"] == "3 processes (--workers)"
    assert " busy, of " in lines["CPUs"]


def test_a_rung_says_which_rule_chose_the_number_of_workers():
    usual = {"LIBPI_NUM_THREADS": "", "OMP_NUM_THREADS": "", "RAYON_NUM_THREADS": ""}
    assert shown("random_serial.py", 9, **usual)["workers"] == "1 thread (this rung has one)"
    assert shown("python_threads.py", 1, **usual)["workers"].startswith("1 thread ")
    one = min(os.sched_getaffinity(0))
    pinned = run("python_pool.py", 99, launcher=["taskset", "-c", str(one)], **usual)
    assert "workers  1 process (affinity mask)\n" in pinned.stdout
    pytest.importorskip("libpi")
    asked = shown("python_pool.py", 99, LIBPI_NUM_THREADS="3")
    assert asked["workers"] == "3 processes (LIBPI_NUM_THREADS)"


def test_what_is_missing_is_named():
    row = ROWS["python_serial"]
    assert row.missing() is None
    for more, words in [
        ({"modules": ["no_such_module"]}, "no module no_such_module: make setup-ladder"),
        ({"modules": ["no.such.module"]}, "no module no.such.module"),
        ({"modules": ["no_such"], "needs": "make setup"}, "no module no_such: make setup"),
        ({"commands": ["no-such-command"]}, "no command no-such-command"),
        ({"python": "9.9"}, "it needs Python 9.9 or later; this is "),
    ]:
        assert words in str(replace(row, **more).missing())


def test_a_free_threaded_python_on_the_path_is_taken(tmp_path):
    other = tmp_path / "python3.14t"
    other.write_text('#!/bin/sh\necho "$@"\n')
    other.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = run("python_free_threads.py", 9, "--workers", 2, PATH=path)
    words = done.stdout.split()
    assert (words[:2], words[3:]) == (["-X", "gil=0"], ["9", "--workers", "2"]), done.stderr
    assert words[2].endswith("python_free_threads.py")


def test_lines_of_code_are_counted(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        '''"""Two lines
of text."""

import sys  # code

def f():
    """More text."""
    # A comment.
    return (
        "code", """two
lines""")
'''
    )
    assert table.lines_of_code(program) == 5


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.c", "/* Words\n * more words. */\n#include <x.h>\n\nint x; // why\n", 2),
        ("a.f90", "! Words\n!$omp simd\ninteger :: x\n", 2),
        ("a.rs", "//! Words\n#[inline]\nfn x() {}\n", 2),
        ("a.pyx", "# Words\ncdef int x\n", 1),
    ],
)
def test_lines_in_other_languages_are_counted(name, text, lines, tmp_path):
    file = tmp_path / name
    file.write_text(text)
    assert table.lines_of_code(file) == lines


def test_the_sources_of_a_rung_count_with_it():
    for row in table.rows():
        alone = table.lines_of_code(table.FOLDER / row.file)
        assert (row.lines() > alone) == bool(row.sources), row.name


@pytest.mark.parametrize(
    "arguments",
    [[], ["x"], ["python", "no-such"], ["--version"], ["--version", "python", "no-such"]],
)
def test_the_runner_refuses_what_it_does_not_know(arguments):
    done = run(RUNNER, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
