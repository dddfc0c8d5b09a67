"""The callee in Python."""

from ctypes import CFUNCTYPE, c_uint64


def callee(seed: int, first: int, count: int) -> int:
    """Computes (3 seed xor first) - count. ctypes keeps the low 64 bits."""
    return (3 * seed ^ first) - count


# What C calls. It must live as long as C may call it.
callback = CFUNCTYPE(c_uint64, c_uint64, c_uint64, c_uint64)(callee)
