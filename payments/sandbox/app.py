"""The ASGI application: the API, the hosted pages, the control door, and what runs beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from payments.sandbox import alarms, api, control, pages, webhooks
from payments.sandbox.world import World


async def _broken(request: Request, error: Exception) -> Response:
    """A mistake of the sandbox itself: JSON for a program, a page for a person; the log has the details."""
    if request.url.path.startswith(("/v1/", "/v2/")):
        return api.broken()
    return await pages.broken(request, error)


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
        exception_handlers={404: pages.not_found, 500: _broken},
        lifespan=beside,
    )
