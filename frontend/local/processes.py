"""One child process: started on a leash, listened to, and ended together with everything it started.

The leash is the kernel's parent-death signal (Linux): when the supervisor is killed with SIGKILL, and so can
no longer stop anybody, every child still gets its stop signal.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
NOBODY = 65534

# Loaded here and not in the child: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StartFailed(Exception):
    """A process did not come up; the message says which, and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """As whom a child runs.

    `uid` None keeps our own user. `namespace` makes the child see itself as NOBODY inside a user namespace
    of its own, while its files stay ours: PostgreSQL refuses to run as root, also where no other user can
    read the checkout.
    """

    uid: int | None = None
    namespace: bool = False


OURSELVES = Identity()


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run and how to end it: one row of the table of processes.

    `patience` is in seconds, from the stop signal until SIGKILL. `death_signal` comes from the kernel when we
    were killed ourselves, and nobody will be left to lose patience. A `quiet` program shows only its errors on
    the console (its log file gets every line). `passes` are file descriptors that stay open in the child.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    patience: float = 5.0
    identity: Identity = OURSELVES
    passes: tuple[int, ...] = ()
    quiet: bool = False


Listener = Callable[[Program, str], None]


class Child:
    """A running program.

    Start it from a thread that lives as long as the child must: the death signal of Linux fires when the
    *thread* that forked it ends.
    """

    def __init__(self, program: Program, *, hear: Listener | None = None) -> None:
        """Start the program at once; `hear` gets every line it prints (without it the output is dropped)."""
        self.program = program
        self.started = time.monotonic()
        self.process = _spawn(program, listened=hear is not None)
        self._pump: threading.Thread | None = None
        if hear is not None:
            self._pump = threading.Thread(target=self._listen, args=(hear,), daemon=True)
            self._pump.start()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal to the program itself; it tells its own children."""
        if self.alive:
            self.process.send_signal(self.program.stop_signal)

    def wait_or_kill(self, *, until: float) -> None:
        """Wait until it has ended, at most until the monotonic time `until`; then end its whole group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, until - time.monotonic()))
        self.sweep()
        self.process.wait()
        if self._pump is not None:
            self._pump.join(1.0)

    def stop(self) -> None:
        """Stop it and everything it started; return when that is so."""
        self.ask_to_stop()
        self.wait_or_kill(until=time.monotonic() + self.program.patience)

    def sweep(self) -> None:
        """Kill what is left of the child's process group, so that a successor finds ports and locks free."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _listen(self, hear: Listener) -> None:
        if self.process.stdout is None:
            return
        with self.process.stdout as lines:
            for line in lines:
                hear(self.program, line.rstrip("\n"))


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float = 30.0) -> None:
    """Return once `ready()`; raise StartFailed when the child ends first or the seconds are over."""
    name = child.program.name
    end = time.monotonic() + seconds
    while not ready():
        if not child.alive:
            raise StartFailed(f"{name} stopped with exit code {child.exit_code} while starting; see its log.")
        if time.monotonic() > end:
            raise StartFailed(f"{name} did not answer within {seconds:.0f} s; see its log.")
        time.sleep(0.02)


def run_once(argv: tuple[str, ...], *, identity: Identity = OURSELVES, cwd: Path | None = None) -> None:
    """Run a short program to its end under that identity; raise StartFailed with its last words."""
    child = _spawn(Program(name=Path(argv[0]).name, argv=argv, identity=identity, cwd=cwd), listened=True)
    said, _ = child.communicate()
    if child.returncode != 0:
        raise StartFailed(f"{Path(argv[0]).name} failed ({child.returncode}): {said.strip()[-800:]}")


def _spawn(program: Program, *, listened: bool) -> "subprocess.Popen[str]":
    identity = program.identity
    # A list of arguments, never a shell. The hook below runs between fork and exec, after the change of
    # user: setuid clears the death signal, so it must be set last.
    return subprocess.Popen(  # noqa: S603 - starting our own programs is what this file is for
        list(program.argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if listened else subprocess.DEVNULL,
        stderr=subprocess.STDOUT if listened else subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1", **program.env},
        cwd=program.cwd,
        process_group=0,
        pass_fds=program.passes,
        user=identity.uid,
        group=identity.uid,
        extra_groups=None if identity.uid is None else [],
        preexec_fn=lambda: _on_the_leash(program),  # noqa: PLW1509 - two system calls, no locks, no imports
    )


def _on_the_leash(program: Program) -> None:
    if _libc is None:
        return
    if program.identity.namespace:
        _enter_user_namespace(_libc)
    _libc.prctl(_PR_SET_PDEATHSIG, int(program.death_signal), 0, 0, 0)


def _enter_user_namespace(libc: ctypes.CDLL) -> None:
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "a user namespace was refused")
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        Path("/proc/self", file).write_text(text, encoding="ascii")
