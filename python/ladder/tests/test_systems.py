"""joblib, Dask, the task queue and the array job: what happens when a process of theirs dies."""

import os
import signal

import pytest
from ask import ROWS, run, skip_if_missing, start
from test_ends import assert_gone, below, error_if_a_worker_dies, workers_of

#: The rungs whose workers are processes, and the words of the error if a worker dies.
ERRORS = {
    "joblib_loky": "TerminatedWorkerError",
    "dask_processes": "worker ",
    "task_queue": "of the task queue died",
    "array_job": "of the array failed: killed by signal 9",
}

#: These end what they have started before they end themselves.
WITH_SERVICE = ["dask_cluster", "task_queue"]


@pytest.mark.parametrize("name", ERRORS)
def test_a_worker_that_dies_is_an_error(started, name):
    _, error = error_if_a_worker_dies(started(name), timeout=200)
    assert ERRORS[name] in error or "BrokenProcessPool" in error
    assert "Traceback" not in error.partition("error: ")[0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", [*ERRORS, "dask_cluster"])
def test_no_process_stays_behind(started, name, number):
    child = started(name)
    workers_of(child)
    before = below(child.pid)
    child.send_signal(number)
    child.communicate(timeout=200)
    at_once = number == signal.SIGKILL or name not in WITH_SERVICE
    assert child.returncode == (-number if at_once else 128 + number)
    assert_gone(before)


def test_a_cluster_does_the_work_of_a_dead_worker_again():
    """The cluster may also refuse to go on, but it never hangs, and no hits are lost."""
    skip_if_missing(ROWS["dask_cluster"])
    child = start("dask_cluster.py", 10**8, "--workers", 2)
    workers = workers_of(child)
    before = below(child.pid)
    os.kill(workers[-1], signal.SIGKILL)
    out, error = child.communicate(timeout=300)
    if child.returncode == 0:
        assert "hits     78544189 of 100000000 samples" in out
    else:
        assert (child.returncode, out) == (1, "")
        assert "error: " in error
    assert_gone(before)


def test_a_task_of_an_array_counts_the_part_of_its_index():
    """As in Slurm: the parts of all indices are the whole, and an index alone can be repeated."""
    parts = []
    for index in range(3):
        variables = {"SLURM_ARRAY_TASK_ID": str(index), "SLURM_ARRAY_TASK_COUNT": "3"}
        done = run("array_task.py", 42, 0, 3001, **variables)
        assert done.returncode == 0, done.stderr
        parts.append(int(done.stdout))
    assert sum(parts) == 2379
    assert min(parts) > 700


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        ((42, 0, 9), {}, "SLURM_ARRAY_TASK_ID"),
        ((42, 0), {"SLURM_ARRAY_TASK_ID": "0"}, "SEED FIRST COUNT"),
        ((42, 0, "1e3"), {"SLURM_ARRAY_TASK_ID": "0"}, "SEED FIRST COUNT"),
        ((42, 0, 9), {"SLURM_ARRAY_TASK_ID": "3"}, "SLURM_ARRAY_TASK_ID"),
        ((42, 0, 9), {"SLURM_ARRAY_TASK_ID": "-1"}, "SLURM_ARRAY_TASK_ID"),
        ((42, 0, 9), {"SLURM_ARRAY_TASK_ID": "x"}, "SLURM_ARRAY_TASK_ID"),
    ],
)
def test_a_task_of_an_array_refuses_what_it_cannot_count(arguments, variables, words):
    variables = {"SLURM_ARRAY_TASK_ID": "", "SLURM_ARRAY_TASK_COUNT": "3"} | variables
    done = run("array_task.py", *arguments, **variables)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
