"""How much of the processors a process has used: what is left of a measurement when the machine is busy with others."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

# Linux: the clock of another process, in nanoseconds, all its threads together (CPUCLOCK_SCHED in the kernel's
# posix-timers.h). The same time as utime + stime in /proc, without its steps of ten milliseconds.
_SCHEDULER = 2
_FIELDS_BEFORE_CHILDREN = 13


def seconds_of(pids: Iterable[int]) -> float:
    """Processor seconds these processes have used since they started; they must all still run."""
    return sum(time.clock_gettime((~pid << 3) | _SCHEDULER) for pid in pids)


def children_of(pid: int) -> set[int]:
    """The processes that this one has started and that have not been cleared away yet."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()}


def seconds_of_ended_children(pid: int) -> float:
    """Processor seconds of the children of `pid` that have ended (cutime + cstime), in steps of ten milliseconds."""
    # The name in brackets may hold spaces, so the fields are counted from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    children = fields[_FIELDS_BEFORE_CHILDREN : _FIELDS_BEFORE_CHILDREN + 2]
    return sum(map(int, children)) / os.sysconf("SC_CLK_TCK")
