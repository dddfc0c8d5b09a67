"""Shows where the time of the lesson's loop goes, before anything is made parallel.

    python profile_loop.py [SAMPLES]

What you learn: measure first. cProfile counts the calls of each function and their time. It shows
that the loop itself takes most of the time, and the calls of random() the rest: no single slow
function could be improved, so the loop must be compiled, or shared between workers. The profiler
slows each call, so its times are longer than those of the loop alone.
"""

import argparse
import cProfile
import pstats

from arguments import at_least_one
from random_serial import sample


def main() -> None:
    """Profiles the loop, and prints the functions with the most time of their own."""
    parser = argparse.ArgumentParser(description="Profiles the lesson's loop.")
    parser.add_argument("count", metavar="SAMPLES", nargs="?", type=at_least_one, default=10**6)
    count = parser.parse_args().count
    profiler = cProfile.Profile()
    _, inside = profiler.runcall(sample, count, "42 from 0")
    print(f"pi is about {4 * inside / count:.4f}, from {count} samples\n")
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(5)


if __name__ == "__main__":
    main()
