"""Squares numbers with map: the work of a task is nothing, so its cost shows.

What you learn: map calls a function for each item, one after the other. The next rung does the same
in a pool. Here a "sample" is a task, and a "hit" is a right square.
"""

import rung


def square(x: int) -> int:
    """The square of a number."""
    return x * x


def count_right(first: int, squares: list[int]) -> int:
    """How many squares are right: those of the numbers from `first` on."""
    return sum(result == x * x for x, result in enumerate(squares, first))


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Squares so many numbers from `first` on, and checks the squares."""
    return count_right(first, list(map(square, range(first, first + count))))


if __name__ == "__main__":
    rung.main(hits)
