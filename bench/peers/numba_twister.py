"""A peer: `np.random` in a loop that Numba compiles. It is a Mersenne Twister.

Numba keeps a state for each of its threads. Each part of the samples begins with a seed of its own,
whatever thread counts it.
"""
# Numba infers the types.
# mypy: allow-untyped-defs, allow-untyped-calls

import numba
import numpy as np


def states(sequence, parts):
    """A seed for each part."""
    return sequence.generate_state(parts)


@numba.njit(cache=True)
def count_part(seed, count):
    """Counts the hits among so many points."""
    np.random.seed(seed)
    hits = 0
    for _ in range(count):
        x, y = np.random.random(), np.random.random()
        hits += x * x + y * y < 1
    return hits


@numba.njit(cache=True, parallel=True)
def count_parts(seeds, counts):
    """Counts all parts, each on a thread."""
    hits = 0
    for part in numba.prange(len(counts)):
        hits += count_part(seeds[part], counts[part])
    return hits
