"""The kernel of the programs that count exactly: philox with NumPy, from the ladder."""

import spot  # It finds the ladder.

from numpy_serial import count_inside, count_range, philox

__all__ = ["count_inside", "count_range", "philox", "spot"]
