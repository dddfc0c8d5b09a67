"""A peer: NumPy's generators Philox and PCG64.

Each thread has a generator of its own and fills an array of its own, as the manual says under
"Multithreaded generation". NumPy releases the interpreter's lock meanwhile.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

import peer

POINTS = 2**14


def count_hits(bits: type[np.random.BitGenerator], seed: np.random.SeedSequence, count: int) -> int:
    """Counts the hits among so many points."""
    rng = np.random.Generator(bits(seed))
    numbers = np.empty((2, POINTS))
    hits = 0
    for begin in range(0, count, POINTS):
        x, y = numbers[:, : min(POINTS, count - begin)]
        rng.random(out=x)
        rng.random(out=y)
        x *= x
        y *= y
        x += y
        hits += int(np.count_nonzero(x < 1))
    return hits


def kernel(
    bits: type[np.random.BitGenerator], seed: int, first: int, count: int, threads: int | None
) -> int:
    """Counts on this thread, or on a pool of threads."""
    sequence = np.random.SeedSequence([seed, first])
    if threads is None:
        return count_hits(bits, sequence, count)
    counts = peer.parts(count, threads)
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(partial(count_hits, bits), sequence.spawn(threads), counts))


if __name__ == "__main__":
    kernels = {
        "numpy-philox": partial(kernel, np.random.Philox),
        "numpy-pcg64": partial(kernel, np.random.PCG64),
    }
    peer.answer(f"NumPy {np.__version__}", kernels, "thread-executor")
