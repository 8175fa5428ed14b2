"""Goals of `make run`: a warm start within seconds, and nothing left when its supervisor is killed."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

from benchmarks.measure import Measure, median_of
from tests.stack import await_ready, free_port, start_stack

_GOAL_SECONDS = 8.0
_SECONDS_TO_DIE = 10.0


def measure() -> Iterator[Measure]:
    """Start once cold, three times warm, and kill the last supervisor."""
    # Root lends PostgreSQL another user, who must be able to reach the data.
    data = Path(tempfile.mkdtemp(prefix="buurtloket-bench-"))
    data.chmod(0o755)
    port = free_port()
    try:
        _seconds_to_ready(data, port)
        yield Measure(
            name="make run, warm, until the site is ready",
            goal=_GOAL_SECONDS,
            measured=median_of(lambda: _seconds_to_ready(data, port)),
            unit="s",
        )
        yield Measure(
            name="processes left after kill -9 of the supervisor",
            goal=0,
            measured=_left_after_kill(data, port),
            unit="processes",
        )
    finally:
        rmtree(data, ignore_errors=True)


def _seconds_to_ready(data: Path, port: int) -> float:
    began = time.monotonic()
    stack = start_stack(data, port)
    await_ready(stack)
    seconds = time.monotonic() - began
    stack.stop()
    return seconds


def _left_after_kill(data: Path, port: int) -> int:
    stack = start_stack(data, port)
    await_ready(stack)
    os.kill(stack.supervisor.process.pid, signal.SIGKILL)
    stack.supervisor.stop()
    end = time.monotonic() + _SECONDS_TO_DIE
    while stack.processes() and time.monotonic() < end:
        time.sleep(0.1)
    return len(stack.processes())
