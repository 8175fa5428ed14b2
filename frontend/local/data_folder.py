"""The folder in which one stack keeps everything: `BUURTLOKET_DATA`, ./var when left out.

One stack per folder, held by a file lock that the kernel drops when its owner dies, however it dies. Ports
and secrets are drawn once and kept, so that bookmarks, sessions and stored links survive a restart.
"""

import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from frontend.local.processes import StartFailed

HOST = "127.0.0.1"
_CHOICES = "choices.json"
_RUNNING = "running.json"


class AlreadyRunning(StartFailed):
    """Another stack holds this folder."""


@dataclass(kw_only=True)
class DataFolder:
    """A locked data folder. Made by `lock_data_folder`; the lock lives as long as this object."""

    path: Path
    _lock: IO[str]
    _choices: dict[str, str]

    def release(self) -> None:
        """Give the folder back. The kernel does so too when this process ends."""
        self._lock.close()

    def folder(self, name: str) -> Path:
        """A private folder inside, made when it is not there yet."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def empty_folder(self, name: str) -> Path:
        """A private folder inside for what belongs to this start only: emptied now."""
        shutil.rmtree(self.path / name, ignore_errors=True)
        return self.folder(name)

    def secret(self, name: str, *, prefix: str = "") -> str:
        """A random secret, the same at every start."""
        return self._choice(f"secret {name}", lambda: prefix + secrets.token_hex(32))

    def port(self, name: str) -> int:
        """A free port on loopback, the same at every start unless another program took it meanwhile."""
        key = f"port {name}"
        port = int(self._choice(key, lambda: str(_free_port())))
        if not _is_free(port):
            del self._choices[key]
            port = int(self._choice(key, lambda: str(_free_port())))
        return port

    def note_process(self, name: str, number: int) -> None:
        """Leave a process's number in run/NAME.pid, for people and tests that want to signal it."""
        (self.path / "run").mkdir(exist_ok=True)
        # Whole or not at all: somebody may be reading the number of the process before it.
        fresh = self.path / "run" / f".{name}.pid"
        fresh.write_text(f"{number}\n", encoding="ascii")
        fresh.replace(self.path / "run" / f"{name}.pid")

    def announce(self, environment: Mapping[str, str]) -> None:
        """Leave the settings of the running stack for commands in another terminal."""
        _write_private(self.path / _RUNNING, json.dumps(dict(environment), indent=1, sort_keys=True))

    def withdraw(self) -> None:
        """Take the announcement back: nothing runs here any more."""
        (self.path / _RUNNING).unlink(missing_ok=True)

    def _choice(self, key: str, draw: Callable[[], str]) -> str:
        if key not in self._choices:
            self._choices[key] = draw()
            _write_private(self.path / _CHOICES, json.dumps(self._choices, indent=1, sort_keys=True))
        return self._choices[key]


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where the data lives unless somebody says otherwise."""
    environ = os.environ if environ is None else environ
    return Path(environ.get("BUURTLOKET_DATA") or "var").expanduser().resolve()


def lock_data_folder(path: Path) -> DataFolder:
    """Take the folder for this process; raises AlreadyRunning, naming who has it."""
    try:
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = (path / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise StartFailed(f"{path} cannot be used for data: {error.strerror}. Choose BUURTLOKET_DATA.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise AlreadyRunning(
            f"Buurtloket is already running on {path} (process {owner}). Stop that one first, or choose"
            " another folder and port: BUURTLOKET_DATA=... PORT=... make run"
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    data = DataFolder(path=path, _lock=lock, _choices=_read_choices(path / _CHOICES))
    # A killed predecessor could not take its announcement back.
    data.withdraw()
    return data


def running_environment(path: Path | None = None) -> dict[str, str]:
    """The settings of the stack that runs on this folder; empty when none runs.

    For commands in another terminal, which must reach the same database, broker and provider.
    """
    try:
        text = ((path or default_path()) / _RUNNING).read_text(encoding="utf-8")
    except OSError:
        return {}
    return {str(name): str(value) for name, value in json.loads(text).items()}


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; raises StartFailed when the port is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise StartFailed(
            f"Port {port} cannot be used: {error.strerror}. Choose another one: PORT={port + 1} make run"
        ) from error
    listener.listen(2048)
    return listener


def _read_choices(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {str(name): str(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}


def _write_private(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.rename(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
