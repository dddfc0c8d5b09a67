"""Counts hits with Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11).

Numba compiles the loop, LLVM writes an object, and cc makes the library:

    python kernel.py x86-64-v3 kernel.o && cc -shared kernel.o -o kernel.so
"""

import os
import sys
from pathlib import Path

os.environ["NUMBA_CPU_NAME"] = sys.argv[1]  # Numba reads this when it is imported
os.environ["NUMBA_CPU_FEATURES"] = ""

import llvmlite.binding as llvm
import numba
from numba import uint64

MASK = uint64(2**32 - 1)
HALF = uint64(32)
LIMIT = uint64(2**62)


@numba.njit(inline="always")
def philox_words(block, seed):
    """Computes four random words of 32 bits. Mixing uint64 with int64 would give floating point."""
    c0, c1, c2, c3 = block & MASK, block >> HALF, uint64(0), uint64(0)
    k0, k1 = seed & MASK, seed >> HALF
    for _ in range(10):
        product0, product1 = uint64(0xD2511F53) * c0, uint64(0xCD9E8D57) * c2
        c0, c1 = product1 >> HALF ^ c1 ^ k0, product1 & MASK
        c2, c3 = product0 >> HALF ^ c3 ^ k1, product0 & MASK
        k0, k1 = (k0 + uint64(0x9E3779B9)) & MASK, (k1 + uint64(0xBB67AE85)) & MASK
    return c0, c1, c2, c3


@numba.njit(inline="always")
def hit(x, y):
    """1 if the point lies inside the circle, else 0. The words are read as signed numbers."""
    signed_x, signed_y = numba.int64(numba.int32(x)), numba.int64(numba.int32(y))
    return uint64(uint64(signed_x * signed_x) + uint64(signed_y * signed_y) < LIMIT)


@numba.cfunc("uint64(uint64, uint64, uint64)")
def philox(seed, first, count):
    """Counts the hits. A block has two samples, and the range may start or end inside a block."""
    hits, block = uint64(0), first >> uint64(1)
    if count > uint64(0) and first & uint64(1):
        c0, c1, c2, c3 = philox_words(block, seed)
        hits += hit(c2, c3)
        block += uint64(1)
        count -= uint64(1)
    for i in range(count >> uint64(1)):
        c0, c1, c2, c3 = philox_words(block + uint64(i), seed)
        hits += hit(c0, c1) + hit(c2, c3)
    if count & uint64(1):
        c0, c1, c2, c3 = philox_words(block + (count >> uint64(1)), seed)
        hits += hit(c0, c1)
    return hits


def main():
    """Writes the object, with the function under its own name."""
    code = llvm.parse_assembly(philox.inspect_llvm().replace(philox.native_name, "philox"))
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(cpu=sys.argv[1], opt=3, reloc="pic", codemodel="default")
    Path(sys.argv[2]).write_bytes(machine.emit_object(code))


main()
