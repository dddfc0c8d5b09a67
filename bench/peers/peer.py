"""What the peers in Python share: they answer requests of the runner protocol, bench/PROTOCOL.md.

With `--version` in place of a request they print a version, or fail if a module is missing.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "python" / "ladder"))

from protocol import (
    Request,
    RequestError,
    cpus_allowed,
    own_stdout,
    text_on_stdin,
    timed_runs,
    write_answer,
)

__all__ = ["RequestError", "answer", "parts"]

#: Counts the hits of a range by so many threads. No threads: on the calling thread alone.
Kernel = Callable[[int, int, int, int | None], int]

MOST_THREADS = 1024
MOST_SAMPLES = 2**63 - 1


def answer(version: str, kernels: Mapping[str, Kernel], driver: str) -> None:
    """Answers the request on stdin. Each peer has the driver `serial` besides its own."""
    version += f", Python {sys.version.split()[0]}"
    if sys.argv[1:] == ["--version"]:
        print(version)
        return
    try:
        with own_stdout() as out:
            request = Request(text_on_stdin())
            kernel = find(kernels, request.values.get("kernel", "auto"))
            threads = threads_of(request, driver)
            seed, (first, count) = request.number("seed", 42), request.samples()
            if count > MOST_SAMPLES:
                raise RequestError(f"count {count}: this program counts at most 2^63 - 1 samples")
            runs = timed_runs(request, lambda: kernel(seed, first, count, threads))
            workers = " ".join([cpus_allowed()] * (threads or 1))
            info = [("ranks", 1), ("threads", threads or 1), ("worker_cpus", workers)]
            write_answer(out, version, info, runs)
    except RequestError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def find(kernels: Mapping[str, Kernel], name: str) -> Kernel:
    """The kernel with this name, or the first for `auto`."""
    if name != "auto" and name not in kernels:
        raise RequestError(f"kernel {name}: this program has {', '.join(kernels)}")
    return kernels.get(name, next(iter(kernels.values())))


def threads_of(request: Request, driver: str) -> int | None:
    """The number of threads, or None for the driver `serial`."""
    asked, threads = request.values.get("driver", "auto"), request.number("threads", 1)
    if request.number("ranks", 1) != 1:
        raise RequestError(f"ranks {request.text('ranks')}: this program has 1")
    if asked in ("serial", "auto") and threads == 1:
        return None
    if asked == driver and 1 <= threads <= MOST_THREADS:
        return threads
    rule = f"it has serial on 1, and {driver} on 1 to {MOST_THREADS}"
    raise RequestError(f"driver {asked} on {threads} threads: {rule}")


def parts(count: int, threads: int) -> list[int]:
    """The number of samples of each thread, if they share them equally."""
    return [(count + part) // threads for part in range(threads)]
