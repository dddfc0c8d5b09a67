"""Numba: loops and a callee like those in C and Fortran.

Numba compiles them when the couplings are built, because importing Numba takes longer than all
calls of a process.

Build: NUMBA_CPU_NAME=generic python $SRC/crossings_numba.py &&
    cc -shared -Wl,-z,defs numba-*.o -o libcrossings_numba.so
"""

# mypy: disable-error-code="import-untyped, no-untyped-call, untyped-decorator"

from ctypes import CFUNCTYPE, c_uint64
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba import cfunc, typeof, uint64

integers = uint64(uint64, uint64, uint64)
# The type of a pointer to a callee or a kernel.
pointer = typeof(CFUNCTYPE(c_uint64, c_uint64, c_uint64, c_uint64)())


@cfunc(integers)
def libpi_callee_numba(seed: Any, first: Any, count: Any) -> Any:
    """The callee."""
    return (uint64(3) * seed ^ first) - count


@cfunc(integers)
def libpi_loop_numba_floor(seed: Any, first: Any, count: Any) -> Any:
    """Computes the line of the callee in the loop."""
    answer = seed
    for i in range(count):
        answer = (uint64(3) * answer ^ (first + i)) - uint64(1)
    return answer


@cfunc(uint64(pointer, uint64, uint64, uint64))
def libpi_loop_numba_pointer(callee: Any, seed: Any, first: Any, count: Any) -> Any:
    """Makes calls. Each call gets the answer of the previous one."""
    answer = seed
    for i in range(count):
        answer = callee(answer, first + i, uint64(1))
    return answer


@cfunc(uint64(pointer, uint64, uint64, uint64, uint64))
def libpi_loop_numba_batches(kernel: Any, seed: Any, first: Any, count: Any, batch: Any) -> Any:
    """Counts the hits of a range, `batch` samples per call."""
    hits = done = uint64(0)
    while done < count:
        left = count - done
        size = batch if batch < left else left
        hits += kernel(seed, first + done, size)
        done += size
    return hits


def write_object(function: Any) -> None:
    """Writes the machine code of a compiled function, under its name in Python."""
    name = function.__name__
    code = llvm.parse_assembly(function.inspect_llvm().replace(function.native_name, name))
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(opt=3, reloc="pic", codemodel="default")
    Path(f"numba-{name}.o").write_bytes(machine.emit_object(code))


if __name__ == "__main__":
    write_object(libpi_callee_numba)
    write_object(libpi_loop_numba_floor)
    write_object(libpi_loop_numba_pointer)
    write_object(libpi_loop_numba_batches)
