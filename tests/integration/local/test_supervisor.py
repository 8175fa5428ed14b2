"""The whole stack as processes: killed ones come back, data stays, and nothing outlives the supervisor."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import psycopg
import pytest

from frontend.local.plan import answers
from tests.stack import Stack, await_ready, await_true, free_port, running_stack, start_stack

pytestmark = pytest.mark.stack

EVERY_PROCESS = ["web-1", "web-2", "worker", "beat", "mail", "sandbox", "broker", "postgres"]


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """A stack of our own: these tests are not kind to it."""
    with running_stack() as running:
        yield running


def _site_is_ready(stack: Stack) -> bool:
    return answers(stack.port, "/health/ready")()


def _database(stack: Stack) -> "psycopg.Connection[tuple[object, ...]]":
    url = stack.environment["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
    return psycopg.connect(url, autocommit=True)


def test_every_process_killed_comes_back_and_the_rows_are_still_there(own_stack: Stack) -> None:
    with _database(own_stack) as connection:
        connection.execute("CREATE TABLE kept_through_kills AS SELECT 42 AS answer")

    for name in EVERY_PROCESS:
        own_stack.kill(name)
    await_true(lambda: _site_is_ready(own_stack), "the site", seconds=30)

    with _database(own_stack) as connection:
        row = connection.execute("SELECT answer FROM kept_through_kills").fetchone()
    assert row == (42,)
    assert any("worker was killed by signal 9; starting it again" in line for line in own_stack.said)


def test_a_second_start_on_the_same_data_says_so_and_stops(own_stack: Stack) -> None:
    second = start_stack(own_stack.data, free_port())
    second.supervisor.process.wait(timeout=20)
    second.supervisor.stop()

    assert second.supervisor.exit_code == 1
    assert second.said[0].startswith(f"Buurtloket is already running on {own_stack.data}")
    assert _site_is_ready(own_stack)


def test_a_stop_signal_ends_everything_within_ten_seconds(own_stack: Stack) -> None:
    began = time.monotonic()

    exit_code = own_stack.stop()

    assert exit_code == 0
    assert time.monotonic() - began < 10
    assert own_stack.processes() == []


def test_killing_the_supervisor_leaves_nothing_behind_and_the_next_start_finds_the_data() -> None:
    data = Path(tempfile.mkdtemp(prefix="buurtloket-"))
    data.chmod(0o755)
    port = free_port()
    first = start_stack(data, port)
    await_ready(first)
    secret = first.environment["SECRET_KEY"]

    os.kill(first.supervisor.process.pid, signal.SIGKILL)
    await_true(lambda: first.processes() == [], "the end of every process", seconds=15)
    first.supervisor.stop()
    (data / "running.json").unlink()
    second = start_stack(data, port)
    await_ready(second)

    assert second.environment["SECRET_KEY"] == secret
    assert not any("demo data" in line for line in second.said)
    assert second.stop() == 0
    assert second.processes() == []
    rmtree(data, ignore_errors=True)
