"""What the library has on this machine: kernels, drivers, threads; and how it splits a range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from libpi import _arguments
from libpi._errors import check, text
from libpi._generators import GENERATORS
from libpi._libpi import ffi, lib


class Kernel(NamedTuple):
    """A kernel: who counts the hits.

    Attributes:
        generator: the generator whose samples it counts
        name: its full name, such as "rust@x86-64-v3"
        missing: why it cannot run here; None if it can
    """

    generator: str
    name: str
    missing: str | None


class Driver(NamedTuple):
    """A driver: who splits a range over threads.

    Attributes:
        name: its name, such as "threads"
        missing: why it cannot run here; None if it can
    """

    name: str
    missing: str | None


class Threads(NamedTuple):
    """How many threads a call takes that asks for none.

    Attributes:
        number: how many, from 1 to 1024
        rule: what decided it, such as "affinity mask" or "LIBPI_NUM_THREADS"
    """

    number: int
    rule: str


def kernels() -> list[Kernel]:
    """Returns all kernels, also those that cannot run here.

    Example:
        >>> import libpi
        >>> sorted({kernel.generator for kernel in libpi.kernels()})
        ['npb', 'philox', 'textbook', 'xoshiro']
    """
    names = {number: name for name, (number, _) in GENERATORS.items()}
    generator = ffi.new("int32_t *")
    rows = _rows(lambda index, *out: lib.libpi_kernel_at(index, generator, *out))
    return [Kernel(names[generator[0]], name, missing) for name, missing in rows]


def drivers() -> list[Driver]:
    """Returns all drivers, also those that cannot run here.

    Example:
        >>> import libpi
        >>> libpi.drivers()[0]
        Driver(name='serial', missing=None)
    """
    return [Driver(name, missing) for name, missing in _rows(lib.libpi_driver_at)]


def _rows(describe: Any) -> Iterator[tuple[str, str | None]]:
    """Gives the name of each row of a list, and why it is missing."""
    name, missing = ffi.new("char **"), ffi.new("char **")
    index = 0
    while (status := describe(index, name, missing)) != lib.LIBPI_ERROR_INDEX:
        check(status)
        yield text(name[0]), text(missing[0]) if missing[0] else None
        index += 1


def threads() -> Threads:
    """Returns how many threads a call takes by default, and which rule decided.

    The number is read anew: a mask or a variable that has changed counts.

    Raises:
        libpi.Error: LIBPI_NUM_THREADS has an invalid value
    """
    check(lib.libpi_set_threads(0))
    count = lib.libpi_threads()
    return Threads(count, text(lib.libpi_threads_rule()))


def split(count: int, parts: int, part: int, *, first: int = 0) -> tuple[int, int]:
    """Returns the first index and the number of samples of one part of a range.

    The parts are consecutive and together are the range. A part consists of whole blocks of 65536
    samples, except at the ends of the range. It may be empty.

    Args:
        count: the number of samples of the range, from 0 to 2**64 - first
        parts: how many parts, at least 1
        part: which one, from 0 to parts - 1
        first: the first index of the range

    Raises:
        ValueError: the part is not below the number of parts
        OverflowError: first + count exceeds 2**64

    Example:
        >>> import libpi
        >>> [libpi.split(1_000_000, 3, part) for part in range(3)]
        [(0, 327680), (327680, 327680), (655360, 344640)]
    """
    first, count = _arguments.whole(first, "first"), _arguments.whole(count, "count")
    part_first, part_count = ffi.new("uint64_t *"), ffi.new("uint64_t *")
    parts, part = _arguments.whole(parts, "parts", 1), _arguments.whole(part, "part")
    check(lib.libpi_split(first, count, parts, part, part_first, part_count))
    return int(part_first[0]), int(part_count[0])
