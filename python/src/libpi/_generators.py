"""The generators: their numbers in C and their usual seeds."""

from __future__ import annotations

from libpi import _arguments
from libpi._libpi import lib

#: For each generator, its number in C and its usual seed.
GENERATORS: dict[str, tuple[int, int]] = {
    "philox": (lib.LIBPI_PHILOX, 42),
    "npb": (lib.LIBPI_NPB, 271828183),
    "xoshiro": (lib.LIBPI_XOSHIRO, 42),
    "textbook": (lib.LIBPI_TEXTBOOK, 42),
}


def number_and_seed(generator: object, seed: object) -> tuple[int, int]:
    """Returns a generator's number in C, and the seed or the generator's usual one."""
    try:
        number, usual = GENERATORS[generator]  # type: ignore[index]
    except (KeyError, TypeError):
        if not isinstance(generator, str):
            kind = type(generator).__name__
            raise TypeError(f"generator is {generator!r}, a {kind}: pass a str") from None
        known = ", ".join(GENERATORS)
        raise ValueError(f"unknown generator {generator!r}; the generators are {known}") from None
    return number, usual if seed is None else _arguments.whole(seed, "seed")
