"""How many CPUs a program may use, and how many it kept busy."""

import os
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


def usable() -> tuple[int, str]:
    """How many CPUs this process may use, and the rule that decided.

    libpi knows the affinity mask, the quotas of containers, Slurm's share and the usual variables.
    """
    try:
        import libpi
    except ImportError:
        return len(os.sched_getaffinity(0)), "affinity mask"
    number, rule = libpi.threads()
    return number, rule


def seconds_used() -> float:
    """The CPU time of this process and of all processes below it, in seconds."""
    times: dict[int, float] = {}
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(errors="replace")
            except OSError:  # It has ended meanwhile.
                continue
            # The name before the last bracket may contain blanks. See proc(5): the parent is field
            # 4, fields 14 to 17 are the times of the process and of its children that ended.
            fields = stat.rpartition(")")[2].split()
            parents[int(entry.name)] = int(fields[1])
            times[int(entry.name)] = sum(map(int, fields[11:15])) * TICK
    return sum(time for pid, time in times.items() if is_below(pid, parents))


def is_below(pid: int, parents: dict[int, int]) -> bool:
    """Whether a process is this one, or has it as an ancestor."""
    while pid != os.getpid():
        if pid not in parents:
            return False
        pid = parents[pid]
    return True
