"""The caller in Python."""

from collections.abc import Callable

Function = Callable[[int, int, int], int]


def loop_floor(seed: int, first: int, count: int) -> int:
    """Makes no call: the number of a call takes the place of the answer."""
    answer = seed
    for i in range(first, first + count):
        answer = i
    return answer


def loop_calls(callee: Function, seed: int, first: int, count: int) -> int:
    """Makes calls. The first gets the seed, and each other call the answer of the previous one."""
    answer = seed
    for i in range(first, first + count):
        answer = callee(answer, i, 1)
    return answer


def loop_batches(kernel: Function, seed: int, first: int, count: int, batch: int) -> int:
    """Counts the hits of a range, `batch` samples per call."""
    hits = 0
    end = first + count
    rest = count % batch
    for start in range(first, end - rest, batch):
        hits += kernel(seed, start, batch)
    return hits + kernel(seed, end - rest, rest) if rest else hits
