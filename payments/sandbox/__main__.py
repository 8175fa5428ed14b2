"""`python -m payments.sandbox`: reads the environment, opens the file, serves until SIGTERM."""

import fcntl
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import IO

import uvicorn

from payments.sandbox.app import create_app
from payments.sandbox.clock import Clock
from payments.sandbox.connection import DroppableProtocol
from payments.sandbox.settings import Settings, SettingsError, read_settings
from payments.sandbox.store import Store
from payments.sandbox.world import World

SHUTDOWN_SECONDS = 1
KEEP_ALIVE_SECONDS = 75


class Server(uvicorn.Server):
    """Says that it is ready, in one line, once it really answers."""

    def __init__(self, config: uvicorn.Config, *, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, then say so."""
        await super().startup(sockets)
        if self.started:
            print(self._ready, flush=True)  # noqa: T201 - the one line the launcher waits for


def lock(folder: Path) -> IO[bytes]:
    """Holds the folder as long as the file is open, so that two sandboxes never share one store."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = (folder / "sandbox.lock").open("wb")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SettingsError(f"Another sandbox already uses {folder}: stop it, or set SANDBOX_DATA.") from error
    return handle


def listen(settings: Settings) -> socket.socket:
    """The listening socket; raises SettingsError when the address is taken."""
    # asyncio turns off Nagle's delay only on sockets that say they are TCP, which create_server's do not.
    listening = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, proto=socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(f"Cannot listen on {where} ({error}): set SANDBOX_PORT to a free one.") from error
    return listening


def _already_stopped(_signal: int, _frame: FrameType | None) -> None:
    """Lets `main` go on to close the store instead of dying half-way."""


def main() -> int:
    """Serves until SIGTERM or Ctrl-C; answers the exit code: 0, or 2 when it could not start."""
    try:
        settings = read_settings()
        held = lock(settings.data)
        listening = listen(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - no logger is set up yet
        return 2
    port = listening.getsockname()[1]
    public_url = settings.public_url or f"http://{settings.host}:{port}"
    settings = replace(settings, port=port, public_url=public_url)
    store = Store(settings.data / "sandbox.sqlite3")
    world = World(settings=settings, store=store, clock=Clock(store))
    config = uvicorn.Config(
        create_app(world),
        http=DroppableProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        # As long as other providers do: a connection that is closed after five idle seconds is closed again and
        # again just when somebody sends their next request on it.
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    # uvicorn stops on these by itself and raises them once more when it has stopped; the second one is for us.
    signal.signal(signal.SIGTERM, _already_stopped)
    signal.signal(signal.SIGINT, _already_stopped)
    ready = f"Stripe sandbox of Buurtloket ready on {settings.public_url} (no real money)"
    try:
        Server(config, ready=ready).run(sockets=[listening])
    finally:
        store.close()
        held.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
