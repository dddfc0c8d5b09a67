"""Checks of arguments that the library cannot make, because C has no such values."""

from __future__ import annotations

import operator

#: The largest 64-bit number.
MOST = 2**64 - 1


def whole(value: object, name: str, least: int = 0, most: int = MOST) -> int:
    """Returns a whole number from `least` to `most`.

    Raises TypeError for other types (float, bool, None), ValueError for a number that is too small
    and OverflowError for one that is too large.
    """
    # Short calls spend much of their time here, so the usual case comes first.
    if type(value) is int and least <= value <= most:
        return value
    kind = type(value)
    if kind is bool or not hasattr(kind, "__index__"):
        raise TypeError(f"{name} is {value!r}, a {kind.__name__}: pass an int, such as 10**9")
    number = operator.index(value)  # type: ignore[arg-type]
    if number < least:
        raise ValueError(f"{name} is {number}: it must be at least {least}")
    if number > most:
        raise OverflowError(f"{name} is {number}: it must be at most {most}")
    return number


def name(value: object, what: str) -> bytes:
    """Returns the name of a kernel or driver as C takes it.

    Raises TypeError for other types than str, and ValueError for a name that contains a NUL.
    """
    if not isinstance(value, str):
        raise TypeError(f"{what} is {value!r}, a {type(value).__name__}: pass a str")
    if "\0" in value:
        raise ValueError(f"{what} is {value!r}: a name contains no NUL")
    return value.encode(errors="surrogatepass")


def thread_count(threads: object) -> int:
    """Returns the number of threads as C takes it: 0 means the default."""
    return 0 if threads is None else whole(threads, "threads", 1, 2**31 - 1)
