"""The whole service for journeys: the real processes of `make run`, on free ports, in a temporary folder."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from frontend.local.data_folder import running_environment
from frontend.local.processes import Child, Program
from frontend.local.supervisor import BUURTLOKET

ROOT = Path(__file__).parent.parent
_OFFLINE = Path(__file__).parent / "offline"
_SECONDS_TO_START = 180.0

# What a developer may have set for their own service; a test's stack starts from nothing.
_NOT_OURS = (
    "DATABASE_URL",
    "BROKER_URL",
    "SMTP_URL",
    "STRIPE_API_KEY",
    "STRIPE_API_BASE",
    "BASE_URL",
    "SECRET_KEY",
    "DEMO",
    "PORT",
    "BUURTLOKET_DATA",
)


@dataclass(kw_only=True)
class Stack:
    """A stack that was started; `environment` is what its processes share."""

    data: Path
    port: int
    supervisor: Child
    said: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mailbox_url(self) -> str:
        return self.environment["MAILBOX_URL"]

    @property
    def sandbox_url(self) -> str:
        return self.environment["SANDBOX_CONTROL_URL"]

    def mail_to(self, address: str, *, after: int = 0) -> list[dict[str, Any]]:
        """The e-mails to this address, newest first, with an id above `after`."""
        url = f"{self.mailbox_url}/api/messages?to={quote(address)}&after={after}"
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own mailbox, over http
            return list(json.load(answer)["messages"])

    def await_mail(self, address: str, *, after: int = 0, seconds: float = 60.0) -> dict[str, Any]:
        """The newest e-mail to this address, once there is one."""
        await_true(lambda: bool(self.mail_to(address, after=after)), f"mail to {address}", seconds=seconds)
        return self.mail_to(address, after=after)[0]

    def run(self, *arguments: str, seconds: float = 120) -> "subprocess.CompletedProcess[str]":
        """Run `buurtloket ARGUMENTS` against this stack, within so many seconds."""
        return subprocess.run(  # noqa: S603 - our own command
            [*BUURTLOKET, *arguments],
            cwd=ROOT,
            env={**_environment(self.data, self.port), **self.environment},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def process(self, name: str) -> int:
        """The number of the process that runs this program now."""
        return int((self.data / "run" / f"{name}.pid").read_text(encoding="ascii"))

    def kill(self, name: str) -> None:
        """End one process with SIGKILL, and return when another one has taken its place."""
        old = self.process(name)
        os.kill(old, signal.SIGKILL)
        await_true(lambda: self.process(name) != old, f"a new {name}", seconds=15)

    def processes(self) -> list[str]:
        """The command line of everything that runs on behalf of this stack, however it was started."""
        return [_command_line(number) for number in _processes_with(f"BUURTLOKET_DATA={self.data}")]

    def stop(self) -> int:
        """Stop it as Ctrl-C does; the exit code."""
        self.supervisor.stop()
        return int(self.supervisor.exit_code or 0)


@contextmanager
def running_stack(extra: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A ready stack on fresh data, stopped and thrown away at the end."""
    # Root lends PostgreSQL another user, who must be able to reach the data: not tempfile's mode 0700.
    data = Path(tempfile.mkdtemp(prefix="buurtloket-"))
    data.chmod(0o755)
    try:
        stack = start_stack(data, free_port(), extra)
        try:
            await_ready(stack)
            yield stack
        finally:
            stack.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)


def start_stack(data: Path, port: int, extra: Mapping[str, str] | None = None) -> Stack:
    """Start a stack on that folder and port; it is not ready yet."""
    said: list[str] = []
    program = Program(
        name="supervisor",
        argv=(sys.executable, "-m", "frontend.local"),
        env={**_environment(data, port), **(extra or {})},
        cwd=ROOT,
        patience=15.0,
    )
    child = Child(program, hear=lambda _program, line: said.append(line))
    return Stack(data=data, port=port, supervisor=child, said=said)


def await_ready(stack: Stack) -> None:
    """Wait until it has announced itself; an AssertionError shows what it said instead."""
    end = time.monotonic() + _SECONDS_TO_START
    while not running_environment(stack.data):
        last = "\n".join(stack.said[-60:])
        assert stack.supervisor.alive, f"the stack stopped while starting:\n{last}"
        assert time.monotonic() < end, f"the stack was not ready in time:\n{last}"
        time.sleep(0.05)
    stack.environment = running_environment(stack.data)


def await_true(question: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Wait until the question is answered with yes."""
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    """A port on loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(data: Path, port: int) -> dict[str, str]:
    """Ours without a developer's own settings; children stay on loopback, as the tests themselves do."""
    unset = dict.fromkeys(_NOT_OURS, "")
    return {**unset, "BUURTLOKET_DATA": str(data), "PORT": str(port), "PYTHONPATH": str(_OFFLINE)}


def _processes_with(setting: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            settings = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if setting.encode() in settings:
            found.append(int(folder.name))
    return found


def _command_line(number: int) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
