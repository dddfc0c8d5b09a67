"""The command line of a rung."""

import argparse
from typing import NoReturn

from protocol import LARGEST, RequestError
from table import Row


class Parser(argparse.ArgumentParser):
    """A parser whose errors end a rung like all bad input."""

    def error(self, message: str) -> NoReturn:
        """Refuses the command line."""
        raise RequestError(f"{message}; --help shows the arguments")


def whole(text: str) -> int:
    """A whole number from 0 to 2^64."""
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= LARGEST + 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a whole number in digits, up to 2^64")


def at_least_one(text: str) -> int:
    """A whole number from 1 to 2^64."""
    number = whole(text)
    if number == 0:
        raise argparse.ArgumentTypeError("0: give at least 1")
    return number


def seed(text: str) -> int:
    """A whole number below 2^64."""
    number = whole(text)
    if number > LARGEST:
        raise argparse.ArgumentTypeError(f"{text}: a seed is below 2^64")
    return number


def read_arguments(row: Row) -> argparse.Namespace:
    """Reads samples, seed, first and workers."""
    parser = Parser(
        description=f"{row.title}: counts the samples inside the circle, and estimates pi.",
        epilog="Without arguments it answers a request of the runner protocol on stdin.",
    )
    add = parser.add_argument
    add("count", metavar="SAMPLES", type=at_least_one, help="how many samples, such as 1000000")
    add("--workers", type=at_least_one, help=f"how many workers ({row.workers})")
    add("--seed", type=seed, default=42, help="seed of the random numbers (%(default)s)")
    add("--first", type=whole, default=0, help="index of the first sample (%(default)s)")
    return parser.parse_args()
