"""Profile first: where does the time of the lesson's loop go?"""

import cProfile
import pstats
import random
import time

from exercise import Numbers, Rows, counted, duration, fastest, sample, show, times


def points(n: int) -> None:
    """Make the random numbers of n points, and do nothing with them."""
    for _ in range(n):
        random.random()
        random.random()


def measure(n: int) -> Numbers:
    """Profile `sample(n)`, and time it without the profiler."""
    loop = fastest(lambda: sample(n))
    only_points = fastest(lambda: points(n))
    profiler = cProfile.Profile()
    begin = time.perf_counter()
    profiler.runcall(sample, n)
    profiled = time.perf_counter() - begin
    functions = {}
    profile = pstats.Stats(profiler).get_stats_profile().func_profiles
    for name, function in profile.items():
        if name == "sample" or "random" in name:
            short = "sample" if name == "sample" else "random"
            functions[short] = {"calls": int(function.ncalls), "seconds": function.tottime}
    return {
        "samples": n,
        "loop_seconds": loop,
        "points_seconds": only_points,
        "profiled_seconds": profiled,
        "functions": functions,
    }


def shares_of(numbers: Numbers) -> dict[str, float]:
    """Return the share of the profiled time that each function spends in itself."""
    seconds = {name: one["seconds"] for name, one in numbers["functions"].items()}
    return {name: own / sum(seconds.values()) for name, own in seconds.items()}


def rows(numbers: Numbers) -> Rows:
    """Show the profile."""
    share, functions = shares_of(numbers), numbers["functions"]
    table: Rows = [("function", "calls", "time in itself", "share")]
    for name, title in (("sample", "sample, the loop"), ("random", "random.random")):
        one = functions[name]
        table.append((title, f"{one['calls']:,}", duration(one["seconds"]), f"{share[name]:.0%}"))
    table.append(("without the profiler", "1", duration(numbers["loop_seconds"]), ""))
    table.append(("only the random numbers", "1", duration(numbers["points_seconds"]), ""))
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say where the time goes, and what follows from it."""
    n, loop, share = numbers["samples"], numbers["loop_seconds"], shares_of(numbers)
    slower, points_share = numbers["profiled_seconds"] / loop, numbers["points_seconds"] / loop
    said = [
        f"One function takes all the time: sample, with {share['sample']:.0%} in its own lines and "
        f"{share['random']:.0%} in {counted(2 * n, 'call')} of random.random. A sample takes "
        f"{duration(loop / n)}."
    ]
    if slower > 1.2:
        said.append(
            f"The profiler made the loop {times(slower)} slower, because it notes each call. So it "
            "shows where to look, and a clock without a profiler shows how much: only making the "
            f"random numbers takes {points_share:.0%} of the loop's time."
        )
    if points_share < 0.9:
        said.append(
            "A generator of random numbers that costs nothing would make the loop at most "
            f"{times(1 / (1 - points_share))} faster (Amdahl's law). The rest is the interpreter, "
            "which runs each line of the loop again for every sample."
        )
    else:
        said.append(
            "Nearly all the time goes into the random numbers and the loop around them. That loop "
            "is the interpreter's work, too."
        )
    said.append(
        "No part of the program can be mended alone. There are two ways on: more processes divide "
        "this time (pi lesson pool), and NumPy, Numba or a compiled language remove most of it (pi "
        "lesson)."
    )
    return said


if __name__ == "__main__":
    show("Where does the time of the lesson's loop go?", 300_000, measure, rows, explain)
