"""The exercises: what they say depends on the numbers, and bad input is refused."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import exercise
import gather
import guard
import loop_profile
import map as task_cost
import pool
import pool_size
import pytest
import ranks
import threads
import unpack

EXERCISES = Path(exercise.__file__).parent


def run(name: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXERCISES / f"{name}.py"), *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_samples_are_shared_without_loss() -> None:
    for n, parts in ((10, 3), (11, 10), (3, 5), (0, 2)):
        shares = exercise.shares(n, parts)
        assert sum(shares) == n
        assert len(shares) == parts
        assert max(shares) - min(shares) <= 1


def test_numbers_in_words() -> None:
    assert [exercise.duration(t) for t in (2.5, 0.25, 2.5e-5, 2.5e-8)] == [
        "2.50 s",
        "250 ms",
        "25.0 us",
        "25.0 ns",
    ]
    assert exercise.against(2.0) == "2.00 times faster than"
    assert exercise.against(0.5) == "2.00 times slower than"
    assert exercise.against(1.01) == "about as fast as"


def pool_numbers(map_seconds: float, start: float = 0.01, **more: Any) -> dict[str, Any]:
    way = {"start_seconds": start, "map_seconds": map_seconds, "cpu_seconds": 0.2, "pi": 3.14}
    numbers = {"workers": 2, "serial_seconds": 0.2, "pool": way, "single": way, "most": 6}
    return {**numbers, **more}


def test_a_pool_that_wins_or_loses_is_told_why() -> None:
    def said(numbers: dict[str, Any]) -> str:
        return " ".join(pool.explain(numbers))

    won = said(pool_numbers(0.1))
    assert "2.00 times faster than the serial loop" in won
    assert "1.82 times faster than it" in won
    assert "gets 6 of the 10 tasks" in won
    assert "other programs" not in won
    assert "the start takes more time than the pool saves" in said(pool_numbers(0.15, start=0.1))
    busy = said(pool_numbers(0.25))
    assert "1.25 times slower than the serial loop" in busy
    assert "only 40% of the time of their CPUs" in busy
    shared = pool_numbers(0.2)
    shared["pool"]["cpu_seconds"] = 0.38
    assert "1.90 times as much CPU time" in said(shared)
    one = said(pool_numbers(0.2, workers=1, most=10))
    assert "Only one CPU" in one
    assert "at most" not in one
    assert "too little to tell" in said(pool_numbers(0.01, serial_seconds=0.005))


def test_the_chunks_of_pool_map_are_those_of_python() -> None:
    # Pool.map makes chunks of divmod(10, 4 * workers), one more if there is a rest.
    assert [pool.most_tasks(10, workers) for workers in (1, 2, 3, 4, 10)] == [10, 6, 4, 3, 1]


def thread_numbers(loop: float, checksum: float, **more: Any) -> dict[str, Any]:
    def gain(factor: float) -> dict[str, float]:
        return {"serial_seconds": factor, "threads_seconds": 1.0}

    works = {"python": gain(loop), "digest": gain(checksum), "wait": gain(2.0)}
    return {"threads": 2, "cpus": 2, "gil": True, **works, **more}


def test_threads_are_explained_by_the_lock_or_its_absence() -> None:
    def said(numbers: dict[str, Any]) -> str:
        return " ".join(threads.explain(numbers))

    usual = said(thread_numbers(0.8, 1.9))
    assert "1.25 times slower than one thread" in usual
    assert "global interpreter lock" in usual
    assert "the threads work at the same time" in usual
    assert "NumPy" not in usual
    assert "free-threaded" in said(thread_numbers(1.9, 1.9, gil=False))
    assert "run it again when the machine is idle" in said(thread_numbers(1.9, 1.9))
    assert "gained little all the same" in said(thread_numbers(1.0, 1.1))
    one = said(thread_numbers(1.0, 1.0, cpus=1))
    assert "Only one CPU" in one
    assert "checksums" not in one


def test_a_pool_that_is_too_large_is_named() -> None:
    def place(taken: int, usable: int, rule: str = "affinity mask") -> dict[str, Any]:
        seconds = {"taken_seconds": 0.3, "usable_seconds": 0.2}
        return {"taken": taken, "usable": usable, "rule": rule, **seconds}

    numbers = {"cpu_count": 4, "here": place(4, 4), "on_one_cpu": place(4, 1)}
    numbers["under_slurm"] = place(4, 1, "SLURM_CPUS_PER_TASK")
    said = " ".join(pool_size.explain(numbers))
    assert "has 4 CPUs" in said
    assert "Pool() takes as many" in said
    assert "may use 1 CPU (affinity mask), but Pool() takes 4: too many" in said
    assert "4 processes on one CPU are 1.50 times slower than one" in said
    assert "With SLURM_CPUS_PER_TASK=1 Pool() takes 4" in said
    # Python 3.13 knows the mask, and its pool is not too large there.
    numbers["on_one_cpu"] = place(1, 1)
    said = " ".join(pool_size.explain(numbers))
    assert "On one CPU a program may use 1 CPU (affinity mask), and Pool() takes as many" in said
    assert "take turns" not in said
    numbers.update(cpu_count=1, here=place(1, 1), under_slurm=place(1, 1))
    assert "no part of a node to try" in " ".join(pool_size.explain(numbers))


def test_ranks_are_compared_by_the_slowest() -> None:
    def job(*seconds: float) -> list[dict[str, Any]]:
        return [{"seconds": one, "command_seconds": 1.0, "pi": 3.14} for one in seconds]

    numbers = {"cpus": 2, "one": job(0.4), "two": job(0.1, 0.2)}
    said = " ".join(ranks.explain(numbers))
    assert "2.00 times faster than with one" in said
    assert "took 2.00 times as long as the other" in said
    assert "takes 800 ms of its 1.00 s" in said
    assert "take turns" in " ".join(ranks.explain({**numbers, "cpus": 1}))
    assert "other programs" in " ".join(ranks.explain({**numbers, "two": job(0.3, 0.3)}))


def test_gather_is_explained_by_what_it_gathered() -> None:
    both = [{"rank": 0, "before": 39, "after": [39, 40]}, {"rank": 1, "before": 40, "after": None}]
    said = " ".join(gather.explain({"samples": 100, "ranks": both}))
    assert "list [39, 40]" in said
    assert "39 + 40 = 79" in said
    assert "= 3.1600" in said
    both[0]["after"] = [40, 39]
    assert "is not what the ranks sent" in " ".join(gather.explain({"samples": 100, "ranks": both}))


def test_the_guards_are_explained_by_what_failed() -> None:
    spawned = {"read": 2, "worked": 0, "error": "An attempt."}
    numbers: dict[str, Any] = {"without": spawned, "with": {**spawned, "worked": 1, "error": ""}}
    numbers["ranks"] = [
        {"rank": 0, "gathered": [3, 4], "pi": 3.1},
        {"rank": 1, "gathered": None, "error": "TypeError: no"},
    ]
    said = " ".join(guard.explain(numbers))
    assert "rank 1 has None" in said
    assert "TypeError: no" in said
    assert "Python says: An attempt." in said
    del numbers["ranks"]
    numbers["no_ranks"] = "there is no command mpiexec"
    said = " ".join(guard.explain(numbers))
    assert "skipped: there is no command mpiexec" in said
    assert "rank 1" not in said


def test_an_overwritten_n_is_seen_in_the_estimate() -> None:
    numbers = {
        "samples": 101,
        "underscore": {"n": 101, "inside": 79, "pi": 3.1},
        "overwritten": {"n": 50, "inside": 79, "pi": 6.2},
        "returned": {"n": 100, "inside": 79, "pi": 3.16},
    }
    said = " ".join(unpack.explain(numbers))
    assert "6.2000: 2.00 times" in said
    assert "101 does not divide by 2" in said
    even = {**numbers, "samples": 100}
    assert "does not divide by 2" not in " ".join(unpack.explain(even))


def test_a_profile_names_where_the_time_goes() -> None:
    numbers = {
        "samples": 1000,
        "loop_seconds": 1.0,
        "points_seconds": 0.25,
        "profiled_seconds": 3.0,
        "functions": {
            "sample": {"calls": 1, "seconds": 2.0},
            "random": {"calls": 2000, "seconds": 1.0},
        },
    }
    said = " ".join(loop_profile.explain(numbers))
    assert "67% in its own lines and 33% in 2,000 calls" in said
    assert "3.00 times slower" in said
    assert "at most 1.33 times faster" in said
    said = " ".join(loop_profile.explain({**numbers, "points_seconds": 0.95}))
    assert "at most" not in said


def test_the_cost_of_a_task_is_compared_with_the_call() -> None:
    numbers = {
        "workers": 2,
        "chunk": 500,
        "map_seconds": 1e-7,
        "alone_seconds": 1e-4,
        "chunked_seconds": 5e-7,
        "data_seconds": 1e-2,
        "data_bytes": 900_000,
        "sample_seconds": 2e-7,
    }
    said = " ".join(task_cost.explain(numbers))
    assert "1,000 times as long" in said
    assert "still 5.00 times the time of map" in said
    assert "49,500 samples" in said
    assert "0.9 MB makes a task cost 10.0 ms" in said
    said = " ".join(task_cost.explain({**numbers, "chunked_seconds": 5e-8, "data_seconds": 0}))
    assert "2.00 times faster than map" in said
    assert "MB" not in said


def test_too_few_samples_are_refused() -> None:
    for name, samples in (("pool", "9"), ("threads", "0"), ("map", "-1"), ("gather", "x")):
        done = run(name, "-n", samples)
        assert done.returncode == 2
        assert samples in done.stderr


def test_what_is_missing_is_named() -> None:
    done = run("gather", MPIEXEC="no-such-launcher")
    assert done.returncode == exercise.UNAVAILABLE
    assert "there is no command no-such-launcher" in done.stderr
    # A launcher of another MPI starts processes that do not know of each other.
    done = run("gather", "-n", "100", MPIEXEC='sh -c \'shift 2; "$@"; "$@"\' launcher')
    assert done.returncode == exercise.UNAVAILABLE
    assert "each of them is the only rank" in done.stderr


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('no')"])
def test_ranks_that_fail_are_an_error(code: str, tmp_path: Path) -> None:
    launcher = f'{sys.executable} -c "{code}" ' + "{ranks}"
    done = run("gather", "-n", "100", MPIEXEC=launcher)
    assert done.returncode == exercise.UNAVAILABLE
    assert "fails" in done.stderr
