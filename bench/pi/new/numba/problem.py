"""Counts the indices in [first, first + count) that have a property. Numba compiles the loop, and LLVM
writes an object: `python kernel.py CPU FILE`."""

import os
import sys
from pathlib import Path

os.environ["NUMBA_CPU_NAME"] = sys.argv[1]  # Numba reads this when it is imported
os.environ["NUMBA_CPU_FEATURES"] = ""

import llvmlite.binding as llvm
import numba
from numba import uint64


@numba.njit(inline="always")
def counts(seed, index):
    """1 if an index counts, else 0: here, if 3 divides it. Put your own property in its place. A problem
    that needs random numbers makes them from the seed and the index."""
    return uint64(index % uint64(3) == uint64(0))


@numba.cfunc("uint64(uint64, uint64, uint64)")
def count_range(seed, first, count):
    """Counts. Mixing uint64 with int64 would give floating point."""
    hits = uint64(0)
    for i in range(count):
        hits += counts(seed, first + uint64(i))
    return hits


def main():
    """Writes the object, with the function under its own name."""
    code = llvm.parse_assembly(count_range.inspect_llvm().replace(count_range.native_name, "count_range"))
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(cpu=sys.argv[1], opt=3, reloc="pic", codemodel="default")
    Path(sys.argv[2]).write_bytes(machine.emit_object(code))


main()
