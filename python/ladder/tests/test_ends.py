"""A worker that dies ends the program, and no process stays behind, however the program ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ask import ENVIRONMENT, ROWS, skip_if_missing, start

import table

#: More samples than any of these programs counts during the tests.
FOREVER = 10**13

POOLS = ["random_pool", "python_pool", "python_pool_spawn", "python_pool_forkserver"]
POOLS += ["python_executor_processes", "libpi_pool"]

#: One for each way of starting processes, apart from spawn, whose workers are like those of fork.
STARTS = ["python_pool", "python_pool_forkserver", "python_executor_processes"]


def processes():
    """For each process, its parent, when it started, and the ticks that it has used."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(entry.name)] = (int(fields[1]), fields[19], sum(map(int, fields[11:13])))
    return found


def below(pid):
    """The processes below a process, and when they started."""
    table = processes()
    found, new = {}, [pid]
    while new:
        new = [child for child, (parent, _, _) in table.items() if parent in new]
        found |= {child: table[child][1] for child in new}
    return found


def wait_until(what, seconds=60):
    end = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
    return value


def workers_of(child, number=2):
    """The processes of a program that compute, once there are so many."""

    def busy():
        assert child.poll() is None, child.communicate()
        table = processes()
        computing = [pid for pid in below(child.pid) if pid in table and table[pid][2] >= 20]
        return computing if len(computing) >= number else None

    return wait_until(busy)


def assert_gone(before):
    """The processes end soon. A number may belong to another process by then."""

    def left():
        now = processes()
        return [pid for pid, began in before.items() if pid in now and now[pid][1] == began]

    try:
        wait_until(lambda: not left())
    finally:
        for pid in left():
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def started():
    """Starts a rung by its name. What is left of it after a failed test is killed."""
    children = []

    def begin(name):
        skip_if_missing(ROWS[name])
        children.append(start(ROWS[name].file, FOREVER, "--workers", 2))
        return children[-1]

    yield begin
    for child in children:
        if child.poll() is None:
            for pid in [*below(child.pid), child.pid]:
                os.kill(pid, signal.SIGKILL)
            child.communicate()


def error_if_a_worker_dies(child, timeout):
    """Kills a worker of the program. Returns the worker, and the error that the program prints."""
    worker = workers_of(child)[-1]
    before = below(child.pid)
    os.kill(worker, signal.SIGKILL)
    out, error = child.communicate(timeout=timeout)
    assert (child.returncode, out) == (1, ""), error
    assert_gone(before)
    return worker, error


@pytest.mark.parametrize("name", POOLS)
def test_a_worker_that_dies_ends_the_program_with_an_error(started, name):
    worker, error = error_if_a_worker_dies(started(name), timeout=60)
    assert f"worker {worker} died: killed by signal 9" in error or "BrokenProcess" in error


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", STARTS)
def test_no_worker_outlives_the_program(started, name, number):
    child = started(name)
    workers_of(child)
    before = below(child.pid)
    child.send_signal(number)
    child.communicate(timeout=60)
    assert child.returncode == -number
    assert_gone(before)


def test_threads_do_not_keep_an_interrupted_program(started):
    child = started("python_executor_threads")
    wait_until(lambda: processes()[child.pid][2] >= 20)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT


@pytest.mark.parametrize("victim", ["rank", "launcher"])
def test_no_rank_outlives_the_others_or_the_launcher(victim):
    skip_if_missing(ROWS["libpi_mpi"])
    command = [shutil.which("mpiexec"), "-n", "2", sys.executable]
    with subprocess.Popen(
        [*command, str(table.FOLDER / "libpi_mpi.py"), str(FOREVER)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
    ) as child:
        ranks = workers_of(child)
        before = below(child.pid)
        os.kill(ranks[0] if victim == "rank" else child.pid, signal.SIGKILL)
        assert child.wait(60) != 0
        assert_gone(before)
