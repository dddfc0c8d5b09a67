"""What the peers of Numba share: they count on this thread, or on Numba's threads."""

from functools import partial
from types import ModuleType

import numba
import numpy as np

import numba_generator
import numba_twister
import peer


def kernel(loops: ModuleType, seed: int, first: int, count: int, threads: int | None) -> int:
    """Counts by the loops of a peer."""
    sequence = np.random.SeedSequence([seed, first])
    if threads is None:
        return int(loops.count_part(loops.states(sequence, 1)[0], count))
    most: int = vars(numba.config)["NUMBA_NUM_THREADS"]
    if threads > most:
        rule = f"NUMBA_NUM_THREADS={threads} gives it more"
        raise peer.RequestError(f"threads {threads}: Numba has {most}; {rule}")
    numba.set_num_threads(threads)
    counts = np.array(peer.parts(count, threads))
    return int(loops.count_parts(loops.states(sequence, threads), counts))


if __name__ == "__main__":
    kernels = {
        "numba-mt19937": partial(kernel, numba_twister),
        "numba-pcg64": partial(kernel, numba_generator),
    }
    peer.answer(f"Numba {numba.__version__}", kernels, "prange")
