"""libpi.mpi under mpiexec, and with communicators that are none."""

import os
import shutil
import subprocess
import sys

import pytest

import libpi.mpi


class One:
    """A communicator of one rank, as mpi4py has it."""

    rank, size, inter, null = 0, 1, False, False

    def Get_rank(self):  # noqa: N802 The name in mpi4py.
        return self.rank

    def Get_size(self):  # noqa: N802
        return self.size

    def Is_inter(self):  # noqa: N802
        return self.inter

    def __bool__(self):
        return not self.null

    def allreduce(self, part):
        return part


def test_one_rank_counts_all():
    assert libpi.mpi.hits(One(), 10**6) == 785987
    assert libpi.mpi.hits(One(), 10**5, first=10**6) == libpi.hits(10**5, first=10**6)


@pytest.mark.parametrize("comm", [None, 0, 1.5, "world", object()])
def test_what_is_no_communicator(comm):
    with pytest.raises(TypeError, match="comm is .*pass a communicator of mpi4py"):
        libpi.mpi.hits(comm, 1)


def test_communicators_that_cannot_be_used():
    null, inter = One(), One()
    null.null, inter.inter = True, True
    with pytest.raises(ValueError, match="COMM_NULL"):
        libpi.mpi.hits(null, 1)
    with pytest.raises(ValueError, match="two groups"):
        libpi.mpi.hits(inter, 1)


def test_an_error_is_raised_after_the_allreduce():
    with pytest.raises(TypeError, match="count is 1.5"):
        libpi.mpi.hits(One(), 1.5)
    with pytest.raises(ValueError, match="did you mean 'rust'"):
        libpi.mpi.hits(One(), 10, kernel="rsut")


# Each rank runs this. Everything is checked on every rank.
PROGRAM = """
from mpi4py import MPI
import libpi, libpi.mpi
comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size
assert size == {ranks}, size
for driver in ("auto", "serial", "threads"):
    threads = 1 if driver == "serial" else 2
    assert libpi.mpi.hits(comm, 10**6, driver=driver, threads=threads) == 785987
kernel = ("rust", "c", "rust")[rank % 3]
assert libpi.mpi.hits(comm, 10**6 + 1, first=1, kernel=kernel) == libpi.hits(10**6 + 1, first=1)
assert libpi.mpi.hits(comm, 0) == 0

def fails(kind, words, *args, **options):
    try:
        libpi.mpi.hits(comm, *args, **options)
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError("no exception on rank %d" % rank)

last = size - 1
fails(ValueError, "unknown kernel", 10**6, kernel="none" if rank == last else "auto")
fails(TypeError, "count is 1.5", 1.5 if rank == last else 10)
if size > 1:
    fails(ValueError, "different arguments", 10**6 + (rank == last))
    fails(ValueError, "different arguments", 10**6, seed=rank)
half = comm.Split(rank % 2)
assert libpi.mpi.hits(half, 10**6) == 785987
assert libpi.mpi.hits(MPI.COMM_SELF, 10**6) == 785987
comm.Barrier()
if rank == 0:
    print("all right")
"""


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_of_mpi4py(ranks, tmp_path):
    pytest.importorskip("mpi4py")
    launcher = shutil.which(os.environ.get("MPIEXEC", "mpiexec"))
    if launcher is None:
        pytest.skip("there is no mpiexec")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(ranks=ranks))
    environment = {
        **os.environ,
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
    }
    done = subprocess.run(
        [launcher, "-n", str(ranks), sys.executable, str(program)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "all right\n"), done.stderr
