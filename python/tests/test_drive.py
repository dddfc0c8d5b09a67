"""Kernels of the caller's own: Python functions, ctypes, cffi, Numba, addresses."""

import ctypes
import threading

import pytest

import libpi

TYPE = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64)
DRIVERS = [driver.name for driver in libpi.drivers() if driver.missing is None]


def evens(_seed, first, count):
    """Counts the even indices."""
    return (first + count + 1) // 2 - (first + 1) // 2


def test_a_python_function_runs_on_the_calling_thread():
    callers = set()

    def kernel(seed, first, count):
        callers.add(threading.get_ident())
        return evens(seed, first, count)

    assert libpi.drive(kernel, 3_000_001, first=5) == 1_500_000
    assert callers == {threading.get_ident()}


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("block", [None, 1, 3, 65536, 2**63 - 1])
def test_a_python_function_under_every_driver_and_block(driver, block):
    count = 50 if block == 1 else 200_001
    threads = 1 if driver == "serial" else 3
    for first in (0, 7):
        total = libpi.drive(evens, count, first=first, driver=driver, threads=threads, block=block)
        assert total == evens(0, first, count), (driver, block, first)


def test_the_seed_and_the_answer_reach_to_64_bits():
    last = 2**64 - 1
    assert libpi.drive(lambda seed, _first, _count: seed, 1, seed=last) == last
    assert libpi.drive(lambda _seed, first, _count: first, 1, first=last) == last


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_an_exception_comes_out_as_it_is(driver, kind, capfd):
    def kernel(seed, first, count):
        if first >= 131072:
            raise kind("no")
        return evens(seed, first, count)

    with pytest.raises(kind) as caught:
        libpi.drive(
            kernel, 10**6, driver=driver, threads=None if driver == "serial" else 3, block=65536
        )
    assert caught.value.args == ("no",)
    assert libpi.hits(10**6) == 785987
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("answer", [None, 1.0, "1", True, -1, 2**64])
def test_an_answer_that_is_no_count(answer):
    with pytest.raises((TypeError, ValueError, OverflowError), match="the kernel's answer is"):
        libpi.drive(lambda *_: answer, 1)


def test_a_function_that_takes_other_arguments():
    with pytest.raises(TypeError, match="argument"):
        libpi.drive(lambda: 1, 1)


def test_a_function_of_ctypes():
    assert libpi.drive(TYPE(evens), 10**6, threads=3) == 500_000


def test_functions_of_ctypes_that_have_another_type():
    other = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint64)(lambda _: 1)
    for function in (other, ctypes.CDLL(None).getpid, ctypes.CFUNCTYPE(ctypes.c_uint64)(lambda: 1)):
        with pytest.raises(TypeError, match="three c_uint64"):
            libpi.drive(function, 1)


def test_an_address():
    callback = TYPE(evens)
    address = ctypes.cast(callback, ctypes.c_void_p).value
    assert libpi.drive(address, 10**6, driver="threads", threads=2) == 500_000


def test_a_function_of_cffi():
    ffi = pytest.importorskip("cffi").FFI()
    kernel = ffi.callback("uint64_t(uint64_t, uint64_t, uint64_t)", evens)
    assert libpi.drive(kernel, 10**6) == 500_000
    with pytest.raises(TypeError, match="it must be"):
        libpi.drive(ffi.callback("int(int)", lambda _: 1), 1)
    with pytest.raises(TypeError, match="it must be"):
        libpi.drive(ffi.new("int *"), 1)


def test_a_cfunc_of_numba():
    numba = pytest.importorskip("numba")

    @numba.cfunc("uint64(uint64, uint64, uint64)")
    def kernel(seed, first, count):
        hits = 0
        for index in range(first, first + count):
            hits += index % 2 == seed
        return hits

    assert libpi.drive(kernel, 10**6 + 1, seed=0, threads=3) == 500_001

    @numba.cfunc("float64(float64)")
    def other(x):
        return x

    with pytest.raises(TypeError, match="cfunc"):
        libpi.drive(other, 1)


def test_compiled_code_takes_no_block():
    with pytest.raises(ValueError, match="only a Python function takes one"):
        libpi.drive(TYPE(evens), 1, block=5)


def test_a_kernel_may_call_the_library():
    total = libpi.drive(lambda seed, first, count: libpi.hits(count, seed=seed, first=first), 10**6)
    assert total == 785987
