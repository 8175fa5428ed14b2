"""What a door needs to do its work: settings, database, clock, gateway, limiter. Built once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from crowd.shared import log
from crowd.shared.clock import Clock
from crowd.shared.db import Database
from crowd.shared.settings import Settings
from frontend.limits import Limiter
from frontend.security import Keys
from frontend.town import Town
from payments.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Runtime:
    """The tools of one process. The web keeps it at `app.state.runtime`; the worker and the commands make their own.

    `keys` signs and derives everything secret; `town` knows the municipality without asking the database
    each time; `limiter` counts across processes.
    """

    settings: Settings
    database: Database
    clock: Clock
    gateway: Gateway
    limiter: Limiter
    keys: Keys
    town: Town

    def close(self) -> None:
        """Give back every connection."""
        self.database.close()
        self.gateway.close()
        self.limiter.close()


def build_runtime(settings: Settings, *, process: str, on_outbox: Callable[[], None] | None = None) -> Runtime:
    """Return the tools for a process called `process` in the log; nothing is connected yet.

    `on_outbox` is called after a commit that left something to do; its failure must not matter.
    """
    log.configure(level=settings.log_level, process=process)
    database = Database(settings.database_url, pool_size=settings.database_pool_size, on_outbox=on_outbox)
    limiter = Limiter(settings.broker_url)
    return Runtime(
        settings=settings,
        database=database,
        clock=Clock(movable=settings.demo),
        gateway=Gateway(
            api_key=settings.stripe_api_key,
            api_base=settings.stripe_api_base,
            timeout_seconds=settings.provider_timeout_seconds,
            live_allowed=settings.stripe_live_allowed,
            webhook_secret=settings.stripe_webhook_secret,
            # One bucket for all processes: the provider counts them together too.
            wait_for_turn=lambda _endpoint: limiter.wait_for_turn(
                "provider", per_second=settings.provider_calls_per_second
            ),
        ),
        limiter=limiter,
        keys=Keys(settings.secret_key),
        town=Town(database),
    )


def runtime_of(request: Request) -> Runtime:
    """Return the runtime of the process that serves this request."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _given(request: Request) -> Runtime:
    # A coroutine, although it awaits nothing: FastAPI would send a plain function to another thread and back.
    return runtime_of(request)


RuntimeDep = Annotated[Runtime, Depends(_given)]
