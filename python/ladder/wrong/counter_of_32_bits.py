"""Counts with NumPy. Short numbers need less memory."""

import numpy as np
from kernel import count_inside, philox
from spot import main


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts on one thread."""
    index = np.uint64(first) + np.arange(count, dtype=np.uint64)
    index = index.astype(np.uint32)
    x0, y0, x1, y1 = philox((index // 2).astype(np.uint64), seed)
    is_second = index % 2 == 1
    return count_inside(np.where(is_second, x1, x0), np.where(is_second, y1, y0))


if __name__ == "__main__":
    main(hits)
