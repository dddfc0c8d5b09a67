"""Estimates pi as the lesson does: random points, one loop, one thread.

What you learn: the share of random points in a square that lie inside its circle is pi / 4. This
loop is the program that all others make faster. Its count depends on Python's own random numbers,
so it can only be near the right one: the rungs after it count exactly.
"""

import random

import rung


def sample(n: int, seed: str) -> tuple[int, int]:
    """Draws n points. Returns how many it drew, and how many lie inside the circle."""
    generator = random.Random(seed)
    inside = 0
    for _ in range(n):
        x = generator.random()
        y = generator.random()
        if x * x + y * y < 1.0:
            inside += 1
    return n, inside


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts on one thread."""
    _, inside = sample(count, f"{seed} from {first}")
    return inside


if __name__ == "__main__":
    rung.main(hits)
