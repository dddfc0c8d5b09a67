"""The runner for crossings from and into Python.

It answers a request on stdin, as bench/PROTOCOL.md says. `--version CALLER-CALLEE HOW` prints its
version, or fails with the reason if this crossing cannot be made here. The runner imports a
coupling only when it needs it. It uses os.path, because importing pathlib takes longer than the
calls of most processes.
"""

import os.path
import sys
from collections.abc import Callable
from ctypes import CDLL, CFUNCTYPE, c_char_p, c_uint64, c_void_p, cast
from functools import partial
from importlib import import_module

from caller import loop_batches, loop_calls, loop_floor
from protocol import (
    Request,
    RequestError,
    cpus_allowed,
    own_stdout,
    text_on_stdin,
    timed_runs,
    write_answer,
)

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = f"pi-crossings in Python, {sys.implementation.name} {sys.version.split()[0]}"
USAGE = "give no arguments and a request on stdin, or --version CALLER-CALLEE HOW"

# The types of the compiled loops.
LOOP_FLOOR = CFUNCTYPE(c_uint64, c_uint64, c_uint64, c_uint64)
LOOP_POINTER = CFUNCTYPE(c_uint64, c_void_p, c_uint64, c_uint64, c_uint64)
LOOP_BATCHES = CFUNCTYPE(c_uint64, c_void_p, c_uint64, c_uint64, c_uint64, c_uint64)


class MissingError(Exception):
    """A coupling is not built, or something that it needs is not installed."""


class Loops:
    """The loops of a crossing, which take seed, first and count, and the size of a batch."""

    def __init__(
        self,
        calls: Callable[[int, int, int], int],
        batches: Callable[[int, int, int, int], int] | None = None,
    ) -> None:
        """Not every crossing counts batches."""
        self.calls = calls
        self.batches = batches


def library(name: str) -> CDLL:
    """A shared library beside this file."""
    return CDLL(os.path.join(HERE, name))


def python_floor() -> Loops:
    """The loop in Python without a call."""
    return Loops(loop_floor)


def from_python(name: str) -> Loops:
    """The loops in Python, which call two functions of a module."""
    module = import_module(name)
    return Loops(partial(loop_calls, module.callee), partial(loop_batches, module.kernel))


def numba_floor() -> Loops:
    """The loop of Numba without a call."""
    return Loops(cast(library("libcrossings_numba.so").libpi_loop_numba_floor, LOOP_FLOOR))


def numba_to_c() -> Loops:
    """The loops of Numba, which call through a pointer."""
    caller, callee = library("libcrossings_numba.so"), library("libcallees_c.so")
    calls = cast(caller.libpi_loop_numba_pointer, LOOP_POINTER)
    batches = cast(caller.libpi_loop_numba_batches, LOOP_BATCHES)
    return Loops(
        partial(calls, cast(callee.libpi_callee_c, c_void_p)),
        partial(batches, cast(callee.libpi_philox_c, c_void_p)),
    )


def into(callee: Callable[[], c_void_p], language: str) -> Loops:
    """The loop of a compiled language, which calls a callee in Python through a pointer."""
    # Cargo builds this library beside its programs, in the folder above.
    find = library("../libpi_crossings.so").libpi_loop_pointer
    find.restype = c_void_p
    find.argtypes = (c_char_p,)
    address = find(language.encode())
    if address is None:
        raise MissingError(f"this build has no {language}: install its compiler, and build again")
    return Loops(partial(LOOP_POINTER(address), callee()))


def python_callee() -> c_void_p:
    """The callee in Python, as ctypes passes it to C."""
    return cast(import_module("callee").callback, c_void_p)


def numba_callee() -> c_void_p:
    """The callee that Numba compiled."""
    return cast(library("libcrossings_numba.so").libpi_callee_numba, c_void_p)


# The crossings by caller and callee, and by the way of calling.
CROSSINGS: dict[tuple[str, str], Callable[[], Loops]] = {
    ("python-python", "floor"): python_floor,
    ("python-c", "ctypes"): partial(from_python, "crossings_ctypes"),
    ("python-c", "cffi-abi"): partial(from_python, "crossings_cffi_abi"),
    ("python-c", "cffi-api"): partial(from_python, "crossings_cffi_api"),
    ("python-c", "cython"): partial(from_python, "crossings_cython"),
    ("python-c", "nanobind"): partial(from_python, "crossings_nanobind"),
    ("python-c", "pybind11"): partial(from_python, "crossings_pybind11"),
    ("python-fortran", "f2py"): partial(from_python, "crossings_f2py"),
    ("python-rust", "pyo3"): partial(from_python, "crossings_pyo3"),
    ("numba-numba", "floor"): numba_floor,
    ("numba-c", "pointer"): numba_to_c,
}
for language in ("rust", "c", "fortran"):
    CROSSINGS[f"{language}-python", "ctypes-callback"] = partial(into, python_callee, language)
    CROSSINGS[f"{language}-numba", "cfunc"] = partial(into, numba_callee, language)


def loops(pair: str, how: str) -> Loops:
    """The loops of a crossing, with everything loaded that they need."""
    if (pair, how) not in CROSSINGS:
        known = ", ".join(" ".join(crossing) for crossing in CROSSINGS)
        raise RequestError(f"there is no crossing {pair} {how}; there are {known}")
    try:
        return CROSSINGS[pair, how]()
    except (ImportError, OSError) as error:
        remedy = "`make setup crossings-python` builds it, or says why it cannot"
        raise MissingError(f"{error}: {remedy}") from error


def choose(request: Request) -> Callable[[], int]:
    """The work of one run."""
    generator = request.text("generator")
    pair, how = request.text("kernel"), request.text("driver")
    if generator not in ("crossing", "batch"):
        raise RequestError(f"unknown generator '{generator}': use crossing or batch")
    seed, (first, count) = request.number("seed", 42), request.samples()
    if count >= 2**63:
        raise RequestError(f"count {count}: it must be less than 2^63")
    if how == "f2py" and (seed >= 2**63 or first + count > 2**63):
        raise RequestError("f2py has signed integers: seed and samples must be below 2^63")
    crossing = loops(pair, how)
    if generator == "crossing":
        return partial(crossing.calls, seed, first, count)
    if crossing.batches is None:
        raise RequestError(f"{pair} {how} has no batches: use the generator crossing")
    batch = request.number("batch")
    if batch == 0:
        raise RequestError("batch 0: it must be at least 1")
    return partial(crossing.batches, seed, first, count, min(batch, max(count, 1)))


def answer() -> None:
    """Answers the request on stdin."""
    with own_stdout() as out, open(os.path.join(HERE, "built_with.txt")) as built_with:
        request = Request(text_on_stdin())
        for key in ("threads", "ranks"):
            if request.number(key, 1) != 1:
                raise RequestError(f"{key} {request.number(key)}: it must be 1")
        runs = timed_runs(request, choose(request))
        cpus = cpus_allowed()
        info = [
            ("ranks", 1),
            ("threads", 1),
            ("built_with", built_with.read()),
            ("mask", cpus),
            ("worker_cpus", cpus),
        ]
        write_answer(out, VERSION, info, runs)


def main() -> None:
    """Does what the command line asks for."""
    match sys.argv[1:]:
        case []:
            answer()
        case ["--version", pair, how]:
            loops(pair, how)
            print(VERSION)
        case _:
            raise RequestError(USAGE)


if __name__ == "__main__":
    try:
        main()
    except (RequestError, MissingError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, RequestError) else 1)
