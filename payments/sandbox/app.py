"""The ASGI application: the API, the hosted pages, the control door, and what runs beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from payments.sandbox import alarms, api, control, pages, webhooks
from payments.sandbox.world import World


def create_app(world: World) -> Starlette:
    """The whole sandbox over one `world`; alarms and webhooks run as long as the application does."""

    @contextlib.asynccontextmanager
    async def beside(_app: Starlette) -> AsyncIterator[None]:
        running = [
            asyncio.create_task(alarms.keep_running(world)),
            asyncio.create_task(webhooks.keep_sending(world)),
        ]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    return Starlette(
        routes=[*api.routes(world), *control.routes(world), *pages.routes(world)],
        exception_handlers={404: pages.not_found},
        lifespan=beside,
    )
