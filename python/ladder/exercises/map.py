"""map(square, …) beside Pool.map(square, …): what does a task cost, and its pickling?"""

import pickle
import time
from multiprocessing import Pool

from exercise import (
    Numbers,
    Rows,
    chunk_size,
    counted,
    duration,
    fastest,
    sample,
    show,
    times,
    usable_cpus,
)

from workers import end_with_parent

FLOATS = 100_000


def square(x: float) -> float:
    """Return the square of a number: the smallest task."""
    return x * x


def measure(n: int) -> Numbers:
    """Apply `square` to n numbers in several ways. Times are seconds for one number or task."""
    workers = usable_cpus()
    numbers, floats = range(n), [float(x) for x in range(FLOATS)]
    here = fastest(lambda: list(map(square, numbers)), 5) / n
    begin = time.perf_counter()
    with Pool(workers, initializer=end_with_parent) as pool:
        pool.apply(square, (0,))
        start = time.perf_counter() - begin
        chunks = fastest(lambda: pool.map(square, numbers)) / n
        alone = fastest(lambda: pool.map(square, numbers, chunksize=1)) / n
        with_data = fastest(lambda: pool.map(len, [floats] * 4, chunksize=1)) / 4
    return {
        "tasks": n,
        "workers": workers,
        "chunk": chunk_size(n, workers),
        "map_seconds": here,
        "start_seconds": start,
        "chunked_seconds": chunks,
        "alone_seconds": alone,
        "data_seconds": with_data,
        "data_bytes": len(pickle.dumps(floats)),
        "sample_seconds": fastest(lambda: sample(20_000)) / 20_000,
    }


def rows(numbers: Numbers) -> Rows:
    """Show what one number costs in each way."""
    chunk = counted(numbers["chunk"], "number")
    return [
        ("way", "time for one"),
        ("map(square, …)", duration(numbers["map_seconds"])),
        (f"Pool.map(square, …), in chunks of {chunk}", duration(numbers["chunked_seconds"])),
        ("Pool.map(square, …, chunksize=1)", duration(numbers["alone_seconds"])),
        (f"Pool.map(len, …) of lists of {FLOATS:,} floats", duration(numbers["data_seconds"])),
        (
            f"starting the pool ({counted(numbers['workers'], 'process', 'processes')})",
            duration(numbers["start_seconds"]),
        ),
    ]


def explain(numbers: Numbers) -> list[str]:
    """Say what a task costs, and how large it should be."""
    here, task = numbers["map_seconds"], numbers["alone_seconds"]
    chunked, data = numbers["chunked_seconds"], numbers["data_seconds"]
    said = [
        f"A call of square takes {duration(here)}. As a task of a pool it takes {duration(task)}, "
        f"{times(task / here)} as long: the pool pickles the function's name and the number, "
        "writes them into a pipe, a process reads them, and the result comes back in the same way."
    ]
    if numbers["chunk"] > 1:
        verdict = (
            f"still {times(chunked / here)} the time of map: square is too small a task for any "
            "pool"
            if chunked > here
            else f"{times(here / chunked)} faster than map"
        )
        said.append(
            f"Pool.map sends chunks of {counted(numbers['chunk'], 'number')}, so that they share "
            f"that cost: {duration(chunked)} for a number, {verdict}."
        )
    enough = max(1, round(99 * task / numbers["sample_seconds"]))
    said.append(
        "So give a pool few large tasks. If the cost shall be below 1%, a task must take "
        f"{duration(99 * task)} or longer: {counted(enough, 'sample')} of the lesson's loop."
    )
    if data > task:
        megabytes = numbers["data_bytes"] / 1e6
        said.append(
            f"The data of a task travel, too: a list of {megabytes:.1f} MB makes a task cost "
            f"{duration(data)} instead of {duration(task)}. The lesson's tasks send one number, n, "
            "and return two."
        )
    return said


if __name__ == "__main__":
    show("What does a task of a process pool cost?", 4_000, measure, rows, explain, least=1)
