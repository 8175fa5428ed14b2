"""`python -m payments.sandbox`: reads the environment, opens the file, serves until SIGTERM."""

import fcntl
import socket
import sys
from pathlib import Path
from typing import IO

import uvicorn

from payments.sandbox.app import create_app
from payments.sandbox.clock import Clock
from payments.sandbox.connection import DroppableProtocol
from payments.sandbox.settings import Settings, SettingsError, read_settings
from payments.sandbox.store import Store
from payments.sandbox.world import World

SHUTDOWN_SECONDS = 1


class Server(uvicorn.Server):
    """Says that it is ready, in one line, once it really answers."""

    def __init__(self, config: uvicorn.Config, *, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
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
    try:
        return socket.create_server((settings.host, settings.port), backlog=512)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(f"Cannot listen on {where} ({error}): set SANDBOX_PORT to a free one.") from error


def main() -> int:
    """Serves until SIGTERM or Ctrl-C; answers the exit code: 0, or 2 when it could not start."""
    try:
        settings = read_settings()
        held = lock(settings.data)
        listening = listen(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - no logger is set up yet
        return 2
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
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    ready = f"Stripe sandbox of Buurtloket ready on {settings.public_url} (no real money)"
    try:
        Server(config, ready=ready).run(sockets=[listening])
    finally:
        store.close()
        held.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
