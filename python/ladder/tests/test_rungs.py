"""Every rung counts right, with 1, 2 and 3 workers."""

import pytest
from ask import ROWS, RUNNER, request, run, skip_if_missing

import random_serial
import rung
import table

#: Ranges of philox for seed 42 and their hits, which libpi's Rust, C and Fortran have counted. No
#: number of workers or tasks divides the first. The second begins and ends within a block, where
#: the block's number needs more than 32 bits. The third has the last samples of all.
PHILOX = {(0, 3001): 2379, (8589934591, 5): 4, (2**64 - 7, 7): 4}

#: Five sigma of the hits among 100003 samples are 649.
SAMPLES, EXPECTED, NEAR = 100_003, 78_542, 650


@pytest.fixture(params=ROWS)
def row(request):
    row = ROWS[request.param]
    skip_if_missing(row)
    return row


def sizes(row):
    """The numbers of ranks, and of workers in each."""
    return {
        "one": [(1, 1)],
        "ranks": [(1, 1), (2, 1), (3, 1)],
        "hybrid": [(1, 3), (2, 2)],
    }.get(row.workers, [(1, 1), (1, 2), (1, 3)])


def counted(row, ranks, workers, first, count):
    """The hits of two runs."""
    text = request(row, first=first, count=count, ranks=ranks, threads=workers, runs=2)
    launcher = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    done = run(RUNNER, row.kernel, row.driver, text=text, launcher=launcher)
    assert done.returncode == 0, done.stderr
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert lines[0][0] == "version"
    assert ["info", "ranks", str(ranks)] in lines
    assert ["info", "threads", str(workers)] in lines
    runs = [(float(line[1]), int(line[2])) for line in lines if line[0] == "run"]
    assert all(seconds > 0 for seconds, _ in runs)
    return [hits for _, hits in runs]


def test_every_rung_counts_right(row):
    if row.generator == "square":
        assert all(counted(row, *size, 5, 1001) == [1001] * 2 for size in sizes(row))
    elif row.is_exact:
        for samples, size in zip(PHILOX, sizes(row) * 3, strict=False):
            assert counted(row, *size, *samples) == [PHILOX[samples]] * 2
    else:
        answers = {hits for size in sizes(row) for hits in counted(row, *size, 0, SAMPLES)}
        # Each task has a seed of its own, so the count depends on neither the run nor the workers.
        parts = rung.split(0, SAMPLES, 1 if row.workers == "one" else 10)
        draws = (random_serial.sample(size, f"42 from {first}") for first, size in parts)
        assert answers == {sum(inside for _, inside in draws)}
        assert abs(answers.pop() - EXPECTED) < NEAR


def test_tasks_draw_points_of_their_own():
    one, other = (random_serial.sample(1000, f"42 from {first}") for first in (0, 1000))
    assert one != other
    assert one == random_serial.sample(1000, "42 from 0")


def test_the_table_names_each_rung_once():
    cells = [(row.kernel, row.driver) for row in table.rows()]
    assert len(set(cells)) == len(cells)
    assert len(ROWS) == len(cells)
    for row in ROWS.values():
        assert (table.FOLDER / row.file).is_file(), row.name
        assert row.limit.endswith("."), row.name
