"""The sandbox inside this process: its real rooms, the SDK still over real HTTP, and a clock that only a test moves.

No process to start, no background turns: what becomes due happens when the clock is moved, so that a schedule happens
again as it happened before. The oracle reads the provider's own rows, not what the gateway makes of them.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2
import uvicorn
from starlette.applications import Starlette

from payments.sandbox import alarms, api, control, faults, pages
from payments.sandbox.clock import Clock
from payments.sandbox.connection import DroppableProtocol
from payments.sandbox.documents import Json, load
from payments.sandbox.parameters import check
from payments.sandbox.settings import Settings
from payments.sandbox.store import Store
from payments.sandbox.world import World
from tests.sandbox_process import CONTROL_TOKEN, WEBHOOK_SECRET, Control, Sandbox

Result = TypeVar("Result")
BEGAN: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_SECONDS_TO_ANSWER: Final = 30
_MONEY: Final = ("payment_intent", "charge", "refund", "transfer", "dispute", "balance_transaction", "event")
_ROWS: Final = f"SELECT kind, body FROM object WHERE kind IN ({', '.join('?' * len(_MONEY))}) ORDER BY seq"  # noqa: S608 - question marks only


class StandingClock(Clock):
    """Stands still at `BEGAN` until it is moved, and then stands still there."""

    def now(self) -> int:
        return int(BEGAN.timestamp()) + self.offset_seconds


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


@dataclass(kw_only=True)
class NearControl(Control):
    """The control door without the door, where that spares a request: plan a fault, move the clock, read the rows."""

    world: World
    loop: asyncio.AbstractEventLoop
    browser: httpx2.Client

    def do(self, act: Callable[[], Result]) -> Result:
        """Do something in the sandbox's own thread, between its requests."""

        async def turn() -> Result:
            return act()

        return asyncio.run_coroutine_threadsafe(turn(), self.loop).result(_SECONDS_TO_ANSWER)

    def fault(self, kind: str, **details: object) -> dict[str, Any]:
        given = check(faults.FIELDS, {"kind": kind, **details})
        return self.do(lambda: self.world.faults.plan(given).describe())

    def forget_faults(self) -> None:
        self.do(self.world.faults.planned.clear)

    def now(self) -> int:
        return self.world.clock.now()

    def advance(self, seconds: int) -> None:
        self.set_clock(now=self.now() + seconds)

    def set_clock(self, **to: int) -> dict[str, Any]:
        self.do(lambda: self._move(to["now"] - int(BEGAN.timestamp())))
        return to

    def _move(self, offset: int) -> None:
        self.world.clock.move(offset)
        while alarms.run_due(self.world):
            pass

    def forget_everything(self) -> None:
        def forget() -> None:
            self.world.faults.planned.clear()
            with self.world.store.transaction():
                self.world.store.empty()
            self.world.clock.move(0)

        self.do(forget)

    def rows(self) -> dict[str, list[Json]]:
        """Everything at the provider that is about money, by kind, oldest first."""

        def read() -> dict[str, list[Json]]:
            found: dict[str, list[Json]] = {kind: [] for kind in _MONEY}
            for kind, body in self.world.store.sql.execute(_ROWS, _MONEY):
                found[kind].append(load(body))
            return found

        return self.do(read)

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        answer = self.browser.request(
            method, self.base_url + path, json=body, headers={"Authorization": f"Bearer {CONTROL_TOKEN}"}
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@dataclass(kw_only=True)
class NearSandbox(Sandbox):
    """A sandbox in a thread of this process; it cannot be killed, only left."""

    control: NearControl
    visitor: httpx2.Client = field(repr=False)


@contextmanager
def near_sandbox(folder: Path) -> Iterator[NearSandbox]:
    """A sandbox that keeps its file in `folder`, and has ended when the block is left."""
    listening = socket.socket(socket.AF_INET, proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(
        data=folder, public_url=base_url, control_token=CONTROL_TOKEN, webhook_secret=WEBHOOK_SECRET, port=0
    )
    ready = threading.Event()
    running: list[tuple[World, _Server, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        store = Store(folder / "sandbox.sqlite3")
        world = World(settings=settings, store=store, clock=StandingClock(store))
        app = Starlette(routes=[*api.routes(world), *control.routes(world), *pages.routes(world)])
        config = uvicorn.Config(
            app, http=DroppableProtocol, ws="none", lifespan="off", log_level="warning", access_log=False
        )
        server = _Server(config, ready=ready)
        running.append((world, server, asyncio.get_running_loop()))
        try:
            await server.serve(sockets=[listening])
        finally:
            store.close()
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="sandbox", daemon=True)
    thread.start()
    assert ready.wait(_SECONDS_TO_ANSWER), "the sandbox did not start"
    world, server, loop = running[0]
    plain = Sandbox(data=folder, environment={}, base_url=base_url)
    with plain.browser() as visitor:
        near = NearControl(base_url=base_url, world=world, loop=loop, browser=visitor)
        try:
            yield NearSandbox(data=folder, environment={}, base_url=base_url, control=near, visitor=visitor)
        finally:
            server.should_exit = True
            thread.join(_SECONDS_TO_ANSWER)
            listening.close()
