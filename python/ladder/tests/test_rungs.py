"""Every rung counts right, with any number of workers, and says what it did."""

import pytest
from ask import RUNNER, request, run

import table

#: Ranges of philox for seed 42 and their hits, which programs of other languages have counted.
KNOWN = [((0, 3001), 2379), ((8589934591, 3), 2)]


def counted(row, workers, first, count):
    """What the answers of two runs say."""
    text = request(row, count, first=first, threads=workers, runs=2)
    done = run(RUNNER, text=text)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][0] == "version"
    assert ["info", "threads", str(workers)] in lines
    return [int(line[2]) for line in lines if line[0] == "run"]


@pytest.mark.parametrize("row", table.rows(), ids=lambda row: row.name)
def test_every_rung_counts_right(row):
    if missing := row.missing():
        pytest.skip(missing)
    for workers in (1,) if row.workers == "one" else (1, 2, 3):
        for samples, hits in KNOWN:
            assert counted(row, workers, *samples) == [hits, hits]
