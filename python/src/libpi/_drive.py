"""Counting with a kernel of the caller's own."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from libpi import _arguments
from libpi._errors import check
from libpi._interrupt import Raised
from libpi._libpi import ffi, lib

#: The class of all function pointers of ctypes.
_CTYPES_FUNCTION: Any = ctypes.CFUNCTYPE(None).__mro__[1]

_KERNEL = "uint64_t(*)(uint64_t, uint64_t, uint64_t)"


def drive(
    kernel: Any,
    count: int,
    *,
    seed: int = 42,
    first: int = 0,
    driver: str | None = None,
    threads: int | None = None,
    block: int | None = None,
) -> int:
    """Runs a kernel of your own over a range, and returns the sum of what it returns.

    A kernel is a function of seed, first and count: it counts the indices from `first` on. It is

    * a Python function, which returns an int from 0 to 2**64 - 1. It runs on the calling thread
      unless `driver` says otherwise. An exception in it ends the call and comes out of `drive`.
    * or compiled code of the C type `uint64_t kernel(uint64_t seed, uint64_t first, uint64_t
      count)`: a Numba cfunc, a ctypes or cffi function pointer, or its address. It runs under
      "auto" unless `driver` says otherwise, from several threads at once. It must not fail: an
      exception in a ctypes or cffi callback is lost.

    The sum wraps at 2**64. Ctrl-C ends the call after at most one block or 2**20 indices of a
    Python function, whichever is more.

    Args:
        kernel: the function
        count: the number of indices, from 0 to 2**64 - first
        seed: from 0 to 2**64 - 1; it is passed to the kernel unread
        first: the first index, from 0 to 2**64 - 1
        driver: "auto" or one of `drivers()`
        threads: from 1 to 1024; None takes as many as `threads()` tells
        block: for a Python function, how many indices are never split between threads, from 1 to
            2**63 - 1; None takes 65536. With a block, "auto" takes threads from two blocks on

    Raises:
        TypeError: the kernel is no function, or has another C type, or returns no int
        ValueError, OverflowError, libpi.Error: as in `hits`

    Example:
        >>> import libpi
        >>> libpi.drive(lambda seed, first, count: count, 10)
        10
    """
    first, count = _arguments.whole(first, "first"), _arguments.whole(count, "count")
    seed, thread_count = _arguments.whole(seed, "seed"), _arguments.thread_count(threads)
    address = _address(kernel)
    name = _arguments.name(
        driver if driver is not None else "serial" if address is None else "auto", "driver"
    )
    total = ffi.new("uint64_t *")
    if address is not None:
        if block is not None:
            raise ValueError(f"block is {block}: only a Python function takes one, leave it out")
        check(lib.libpi_drive(name, address, seed, first, count, thread_count, total))
        return int(total[0])
    size = 0 if block is None else _arguments.whole(block, "block", 1, 2**63 - 1)
    raised = Raised()
    function = _callback(kernel, seed, raised)
    status = lib.libpi_drive_context(
        name, function, ffi.NULL, first, count, size, thread_count, total
    )
    raised.again()
    check(status)
    return int(total[0])


def _callback(kernel: Callable[[int, int, int], int], seed: int, raised: Raised) -> object:
    """Returns the C callback that calls a Python function."""

    def call(_: object, first: int, count: int, answer: Any) -> int:
        answer[0] = _arguments.whole(kernel(seed, first, count), "the kernel's answer")
        return 0

    return ffi.callback(
        "int32_t(void *, uint64_t, uint64_t, uint64_t *)", call, error=1, onerror=raised.keep
    )


def _address(kernel: Any) -> Any:
    """Returns the C function pointer of compiled code; None for a Python function."""
    if isinstance(kernel, int) and not isinstance(kernel, bool):
        address = kernel
    elif isinstance(kernel, _CTYPES_FUNCTION):
        _check_ctypes(kernel)
        address = ctypes.cast(kernel, ctypes.c_void_p).value or 0
    elif isinstance(getattr(kernel, "address", None), int):
        _check_numba(kernel)
        address = kernel.address
    elif isinstance(kernel, ffi.CData):
        address = _address_in_cffi(kernel)
    elif callable(kernel):
        return None
    else:
        kind = type(kernel).__name__
        raise TypeError(
            f"kernel is {kernel!r}, a {kind}: pass a function, a Numba cfunc, a ctypes or cffi "
            "function pointer, or an address"
        )
    if not 0 < address < 2 ** (8 * ffi.sizeof("void *")):
        raise ValueError(f"kernel is the address {address}: no function is there")
    return ffi.cast(_KERNEL, address)


def _check_ctypes(kernel: Any) -> None:
    """Raises TypeError for a ctypes function of another type."""
    number = ctypes.c_uint64
    arguments = tuple(kernel.argtypes or ())
    if kernel.restype is not number or arguments != (number, number, number):
        raise TypeError(
            f"kernel is a ctypes function with argtypes {arguments} and restype {kernel.restype}: "
            "it must take three c_uint64 and return one"
        )


def _check_numba(kernel: Any) -> None:
    """Raises TypeError for a Numba cfunc of another type."""
    signature = str(getattr(kernel, "_sig", ""))
    if signature and signature != "(uint64, uint64, uint64) -> uint64":
        raise TypeError(
            f"kernel is a Numba cfunc of type {signature}: declare it as "
            'cfunc("uint64(uint64, uint64, uint64)")'
        )


def _address_in_cffi(kernel: Any) -> int:
    """Returns the address of a cffi function pointer. Raises TypeError for another type."""
    kind = ffi.typeof(kernel)
    number = ffi.typeof("uint64_t")
    if kind.kind != "function" or kind.result is not number or kind.args != (number,) * 3:
        raise TypeError(f"kernel is a cffi object of type '{kind.cname}': it must be '{_KERNEL}'")
    return int(ffi.cast("uintptr_t", kernel))
