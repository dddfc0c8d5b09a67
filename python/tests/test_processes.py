"""Threads, forks, new processes, interpreters, signals and variables."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import libpi

DRIVERS = [driver.name for driver in libpi.drivers() if driver.missing is None]
HITS = 785987
#: Long enough for a call to be still running after a second, on any machine.
FOREVER = 2**62


def count(driver="auto", threads=None):
    return libpi.hits(10**6, driver=driver, threads=threads)


def run(program, **variables):
    """Runs a program in a new interpreter."""
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_pythons_threads_run_side_by_side():
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(count, driver) for driver in DRIVERS * 4]
        assert [future.result() for future in futures] == [HITS] * len(futures)


def test_the_interpreters_lock_is_released():
    """A thread of Python runs while another is in a call that does not end."""
    reached, stop = threading.Event(), threading.Event()

    def progress(_done, _count):
        reached.set()
        if stop.is_set():
            raise InterruptedError

    def call():
        with pytest.raises(InterruptedError):
            libpi.hits(FOREVER, threads=1, progress=progress)

    thread = threading.Thread(target=call)
    thread.start()
    assert reached.wait(60)
    assert count() == HITS
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_new_processes_after_a_call_with_each_driver(method):
    for driver in DRIVERS:
        assert count(driver, 1 if driver == "serial" else 2) == HITS
    with multiprocessing.get_context(method).Pool(2) as pool:
        # A pool waits forever for the task of a worker that has died.
        assert pool.map_async(count, DRIVERS).get(120) == [HITS] * len(DRIVERS)


# In a new interpreter for each driver, so that no other driver has run before the fork.
FORK = """
import libpi, os, sys
driver, threads = {driver!r}, {threads}
assert libpi.hits(10**6, driver=driver, threads=threads) == 785987
child = os.fork()
if child == 0:
    try:
        ok = libpi.hits(10**6, driver=driver, threads=threads) == 785987
    except libpi.Error as error:
        ok = "fork" in str(error)
    ok = ok and libpi.hits(10**6) == 785987
    os._exit(0 if ok else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_fork_after_a_call_counts_or_refuses(driver):
    threads = 1 if driver == "serial" else 2
    done = run(FORK.format(driver=driver, threads=threads))
    assert (done.returncode, done.stderr) == (0, "")


SUB_INTERPRETER = """
import _xxsubinterpreters as interpreters
import libpi
assert libpi.hits(10**6) == 785987
other = interpreters.create()
interpreters.run_string(other, "import libpi; print(libpi.hits(10**6))")
interpreters.destroy(other)
"""


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the module's name depends on Python")
def test_a_sub_interpreter_counts_too():
    done = run(SUB_INTERPRETER)
    assert done.stdout == "785987\n", done.stderr


INTERRUPTED = """
import libpi, sys
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", libpi.hits(10**6))
"""


@pytest.mark.parametrize(
    "call",
    [
        "libpi.hits(2**62, progress=lambda done, count: print('counting', flush=True))",
        "libpi.hits(2**62, threads=1, driver='serial', kernel='c', "
        "progress=lambda done, count: print('counting', flush=True))",
        "libpi.drive(lambda s, f, n: print('counting', flush=True) or 1, 2**62)",
    ],
)
def test_control_c_ends_a_long_call(call):
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(call=call)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "counting\n"
    child.send_signal(signal.SIGINT)
    out, error = child.communicate(timeout=60)
    # The signal may have come in the middle of a line.
    assert out.endswith("interrupted 785987\n"), error
    assert child.returncode == 0


def test_progress_tells_what_is_done_up_to_all():
    told = []
    assert libpi.hits(2**27, progress=lambda *numbers: told.append(numbers)) > 0
    assert told[-1] == (2**27, 2**27)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_an_exception_in_progress_ends_the_call():
    def progress(_done, _count):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        libpi.hits(FOREVER, progress=progress)


def test_a_bar_needs_no_tqdm():
    program = "import sys; sys.modules['tqdm'] = None; sys.modules['tqdm.auto'] = None\n"
    done = run(program + "import libpi; print(libpi.hits(10**6, progress=True))")
    assert (done.stdout, done.returncode) == ("785987\n", 0), done.stderr


def test_a_bar():
    pytest.importorskip("tqdm")
    done = run("import libpi; print(libpi.hits(2**27, progress=True))")
    assert done.returncode == 0, done.stderr
    assert "134M" in done.stderr


@pytest.mark.parametrize("value", ["many", "0", "-1", "1025", "1e3", "2 3"])
def test_a_variable_that_asks_for_nonsense(value):
    program = "import libpi\nlibpi.hits(10**6)"
    done = run(program, LIBPI_NUM_THREADS=value)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("libpi._errors.Error: LIBPI_NUM_THREADS=")
    assert "from 1 to 1024" in done.stderr
    assert (
        run("import libpi\nlibpi.hits(10**6, threads=1)", LIBPI_NUM_THREADS=value).returncode == 0
    )


def test_variables_decide_and_the_rule_says_so():
    program = "import libpi\nprint(*libpi.threads())"
    assert run(program, LIBPI_NUM_THREADS="3").stdout == "3 LIBPI_NUM_THREADS\n"
    assert run(program, LIBPI_NUM_THREADS="", OMP_NUM_THREADS="5").stdout == "5 OMP_NUM_THREADS\n"


def test_the_number_of_threads_follows_the_mask():
    program = (
        "import libpi, os\nlibpi.hits(1)\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nprint(*libpi.threads())"
    )
    variables = dict.fromkeys(("LIBPI_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"), "")
    assert run(program, **variables).stdout == "1 affinity mask\n"


@pytest.mark.parametrize(
    "call",
    [
        "libpi.hits(10**6)",
        "libpi.hits(10**15, progress=slow)",
        "libpi.drive(slow, 10**6)",
        "libpi.drive(slow, 10**6, block=1, driver='threads', threads=2)",
        "libpi.drive(compiled, 10**6, driver='rayon', threads=2)",
    ],
)
def test_a_thread_that_outlives_the_main_thread_does_no_harm(call):
    program = f"""
import ctypes, libpi, threading, time
started = threading.Event()
def slow(*_):
    started.set()
    for _ in range(10**7):  # much longer than the end of the main thread takes
        pass
    return 0
compiled = ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * 3)(slow)
def work():
    while True:
        {call}
        started.set()
threading.Thread(target=work, daemon=True).start()
started.wait()
"""
    for _ in range(3):
        done = run(program)
        assert (done.returncode, done.stderr) == (0, "")


def test_other_openmp_runtimes_in_the_process_change_no_count():
    pytest.importorskip("numpy")
    numba = pytest.importorskip("numba")
    import numpy

    @numba.njit(parallel=True)
    def total(values):
        result = 0.0
        for index in numba.prange(values.size):
            result += values[index]
        return result

    for driver in DRIVERS:
        assert total(numpy.ones(10_000)) == 10_000
        assert numpy.linalg.norm(numpy.eye(200) @ numpy.eye(200)) == pytest.approx(200**0.5)
        assert count(driver) == HITS
