"""A peer: a generator of NumPy, PCG64, in a loop that Numba compiles. Each part has a generator."""
# Numba infers the types.
# mypy: allow-untyped-defs, allow-untyped-calls

import numba
import numpy as np


def states(sequence, parts):
    """A generator for each part."""
    return tuple(np.random.default_rng(seed) for seed in sequence.spawn(parts))


@numba.njit(cache=True)
def count_part(rng, count):
    """Counts the hits among so many points."""
    hits = 0
    for _ in range(count):
        x, y = rng.random(), rng.random()
        hits += x * x + y * y < 1
    return hits


@numba.njit(cache=True, parallel=True)
def count_parts(generators, counts):
    """Counts all parts, each on a thread."""
    hits = 0
    for part in numba.prange(len(counts)):
        hits += count_part(generators[part], counts[part])
    return hits
