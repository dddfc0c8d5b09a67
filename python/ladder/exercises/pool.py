"""The process pool against the serial loop: 10 tasks of 10^5 samples."""

import resource
import time
from multiprocessing import Pool

from exercise import (
    Numbers,
    Rows,
    against,
    chunk_size,
    counted,
    duration,
    fastest,
    sample,
    shares,
    show,
    times,
    usable_cpus,
)

from workers import end_with_parent, wait_for

TASKS = 10

# With less work, in seconds, the cost of the tasks counts.
LEAST_WORK = 0.05


def busy_children() -> float:
    """Return the CPU time of the processes that have ended and that this process started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(n: int) -> Numbers:
    """Time the serial loop, and the pool with its own chunks and with one task in each."""
    workers = min(usable_cpus(), TASKS)
    tasks = shares(n, TASKS)
    numbers: Numbers = {
        "samples": n,
        "workers": workers,
        "serial_seconds": fastest(lambda: [sample(task) for task in tasks]),
    }
    for name, chunk in (("pool", None), ("single", 1)):
        before, begin = busy_children(), time.perf_counter()
        pool = Pool(workers, initializer=end_with_parent)
        wait_for(pool.map_async(abs, range(workers)))
        started = time.perf_counter()
        results = wait_for(pool.map_async(sample, tasks, chunksize=chunk))
        mapped = time.perf_counter()
        pool.close()
        pool.join()
        numbers[name] = {
            "start_seconds": started - begin,
            "map_seconds": mapped - started,
            "cpu_seconds": busy_children() - before,
            "pi": 4 * sum(inside for _, inside in results) / sum(drawn for drawn, _ in results),
        }
    numbers["most"] = most_tasks(TASKS, workers)
    return numbers


def most_tasks(tasks: int, workers: int) -> int:
    """Return how many tasks the busiest worker does with the chunks that Pool.map chooses.

    With chunks of equal size, a worker does as many of
    them as the others, or one more.
    """
    chunk = chunk_size(tasks, workers)
    chunks = -(-tasks // chunk)
    return min(tasks, -(-chunks // workers) * chunk)


def rows(numbers: Numbers) -> Rows:
    """Show the times and the speed-ups."""
    serial, workers = numbers["serial_seconds"], numbers["workers"]
    table: Rows = [
        ("way", "time", "faster", "pi"),
        ("serial loop", duration(serial), "1", ""),
    ]
    for name, title in (("pool", "Pool.map"), ("single", "Pool.map, chunksize=1")):
        one = numbers[name]
        all_of_it = one["start_seconds"] + one["map_seconds"]
        processes = counted(workers, "process", "processes")
        table += [
            (
                f"{title}, {processes}",
                duration(one["map_seconds"]),
                times(serial / one["map_seconds"]),
                f"{one['pi']:.4f}",
            ),
            ("  and starting them", duration(all_of_it), times(serial / all_of_it), ""),
        ]
    return table


def explain(numbers: Numbers) -> list[str]:
    """Say whether the pool won, and why."""
    serial, workers, best = numbers["serial_seconds"], numbers["workers"], best_of(numbers)
    work, start = best["map_seconds"], best["start_seconds"]
    gain, gain_of_all = serial / work, serial / (work + start)
    processes = counted(workers, "process", "processes")
    said = [
        f"The pool of {processes} is {against(gain)} the serial loop, and with the start of the "
        f"processes, {duration(start)}, {against(gain_of_all)} it."
    ]
    if gain_of_all < 1 < gain:
        said.append(
            "So here the start takes more time than the pool saves. It takes the same time however "
            "much work there is: with more samples the pool wins."
        )
    if workers == 1:
        said.append(
            "Only one CPU may be used here (pi lesson cpus shows why), so the pool has one "
            "process. A pool divides work over CPUs. It cannot make one CPU faster."
        )
        return said
    wanted = ideal(numbers, best)
    share = best["cpu_seconds"] / workers / work
    if serial < LEAST_WORK:
        said.append(
            f"{duration(serial)} of work is too little to tell: handing out the tasks takes a part "
            "of it that counts. Give more samples, -n 1e6."
        )
    elif gain < 0.8 * wanted:
        said.append(reason(best["cpu_seconds"], serial, share, wanted))
    if numbers["most"] * workers > TASKS:
        at_most = TASKS / numbers["most"]
        default, single = numbers["pool"]["map_seconds"], numbers["single"]["map_seconds"]
        said.append(
            f"Pool.map hands out chunks: the busiest of the {processes} gets {numbers['most']} of "
            f"the {TASKS} tasks, so the pool can be at most {times(at_most)} faster. It was "
            f"{times(serial / default)}. With chunksize=1 it was {times(serial / single)}."
        )
    return said


def best_of(numbers: Numbers) -> Numbers:
    """Return the faster of the two ways to hand out tasks."""
    ways: list[Numbers] = [numbers["pool"], numbers["single"]]
    return min(ways, key=lambda one: float(one["map_seconds"]))


def ideal(numbers: Numbers, way: Numbers) -> float:
    """Return the speed-up that the number of tasks and workers allows."""
    rounds = -(-TASKS // numbers["workers"]) if way is numbers["single"] else numbers["most"]
    return TASKS / float(rounds)


def reason(cpu_seconds: float, serial: float, share: float, wanted: float) -> str:
    """Say why the pool is slower than it could be: its CPUs had other work, or were slower."""
    could = f"It could be {times(wanted)}."
    if share < 0.8:
        return (
            f"{could} Its processes got only {share:.0%} of the time of their CPUs: other programs "
            "used the rest. Run it again when the machine is idle."
        )
    if cpu_seconds > 1.25 * serial:
        return (
            f"{could} Its processes needed {times(cpu_seconds / serial)} as much CPU time as the "
            "loop for the same work: two CPUs that share a core, or a lower clock when all are "
            "busy, make each of them slower."
        )
    return f"{could} The processes had little to do while the tasks were handed out and collected."


if __name__ == "__main__":
    show("Is a process pool faster than the serial loop?", 10**6, measure, rows, explain)
