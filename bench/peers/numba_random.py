"""A peer: random numbers in loops that Numba compiles, on Numba's threads.

`np.random` is a Mersenne Twister there, with a state for each thread: each part of the samples
begins with a seed of its own, whatever thread counts it. A generator of NumPy, such as PCG64, is
compiled too: each part has one.
"""
# Numba infers the types of what it compiles.
# mypy: allow-untyped-defs, allow-untyped-calls

import numba
import numpy as np
from numpy.typing import NDArray

import peer


@numba.njit(cache=True)
def count_with_twister(seed, count):
    """Counts the hits among so many points by np.random."""
    np.random.seed(seed)
    hits = 0
    for _ in range(count):
        x, y = np.random.random(), np.random.random()
        hits += x * x + y * y < 1
    return hits


@numba.njit(cache=True)
def count_with_generator(rng, count):
    """Counts the hits among so many points by a generator of NumPy."""
    hits = 0
    for _ in range(count):
        x, y = rng.random(), rng.random()
        hits += x * x + y * y < 1
    return hits


@numba.njit(cache=True, parallel=True)
def twister_on_threads(seeds, counts):
    """Counts all parts, each on a thread."""
    hits = 0
    for part in numba.prange(len(counts)):
        hits += count_with_twister(seeds[part], counts[part])
    return hits


@numba.njit(cache=True, parallel=True)
def generators_on_threads(generators, counts):
    """Counts all parts, each on a thread."""
    hits = 0
    for part in numba.prange(len(counts)):
        hits += count_with_generator(generators[part], counts[part])
    return hits


def twister(seed: int, first: int, count: int, threads: int | None) -> int:
    """Counts on this thread, or on Numba's threads."""
    counts = parts(count, threads)
    seeds = np.random.SeedSequence([seed, first]).generate_state(len(counts))
    if threads is None:
        return int(count_with_twister(seeds[0], count))
    return int(twister_on_threads(seeds, counts))


def generator(seed: int, first: int, count: int, threads: int | None) -> int:
    """Counts on this thread, or on Numba's threads."""
    counts = parts(count, threads)
    seeds = np.random.SeedSequence([seed, first]).spawn(len(counts))
    generators = tuple(np.random.default_rng(seed) for seed in seeds)
    if threads is None:
        return int(count_with_generator(generators[0], count))
    return int(generators_on_threads(generators, counts))


def parts(count: int, threads: int | None) -> NDArray[np.int64]:
    """Splits the samples over so many threads, which Numba is told to use."""
    if threads is None:
        return np.array([count])
    most: int = vars(numba.config)["NUMBA_NUM_THREADS"]
    if threads > most:
        rule = f"NUMBA_NUM_THREADS={threads} gives it more"
        raise peer.RequestError(f"threads {threads}: Numba has {most}; {rule}")
    numba.set_num_threads(threads)
    return np.array([(count + part) // threads for part in range(threads)])


if __name__ == "__main__":
    kernels = {"numba-mt19937": twister, "numba-pcg64": generator}
    peer.answer(f"Numba {numba.__version__}", kernels, "prange")
