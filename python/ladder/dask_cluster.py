"""Counts with dask.delayed on a LocalCluster: a scheduler and workers, on this machine.

What you learn: the scheduler is a process that knows which worker has what, and sends tasks where
their data are. The same program runs on many nodes if the Client gets the address of another
scheduler: dask_jobqueue.SLURMCluster starts one with workers in Slurm's jobs. The workers stay from
one `compute` to the next, and one that dies is replaced, and its tasks done again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dask.delayed import delayed
from distributed import Client, LocalCluster

import rung
from numpy_serial import count_range

TASKS = 10


@contextmanager
def cluster(workers: int) -> Iterator[None]:
    """Starts a scheduler and so many workers with a thread each, and ends them."""
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as started,
        Client(started) as client,
    ):
        client.wait_for_workers(workers)
        yield


def hits(seed: int, first: int, count: int, workers: int) -> int:
    """Counts with the workers of the cluster, which the Client has made the usual scheduler."""
    counts = [delayed(count_range)(seed, *part) for part in rung.split(first, count, TASKS)]
    total = delayed(sum)(counts)
    return int(total.compute())


if __name__ == "__main__":
    rung.main(hits, cluster)
