"""The command line of a rung."""

import argparse

from protocol import LARGEST
from table import Row


def whole(text: str) -> int:
    """A whole number from 0 to 2^64."""
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= LARGEST + 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a whole number in digits, up to 2^64")


def read_arguments(row: Row) -> argparse.Namespace:
    """Reads samples, seed, first and workers. Bad input ends the program with exit code 2."""
    parser = argparse.ArgumentParser(
        description=f"{row.title}: counts the samples inside the circle, and estimates pi.",
        epilog="Without arguments it answers a request of the runner protocol on stdin.",
    )
    add = parser.add_argument
    add("count", metavar="SAMPLES", type=whole, help="how many samples, such as 1000000")
    add("--workers", type=whole, help=f"how many workers ({row.workers})")
    add("--seed", type=whole, default=42, help="seed of the random numbers (%(default)s)")
    add("--first", type=whole, default=0, help="index of the first sample (%(default)s)")
    return parser.parse_args()
