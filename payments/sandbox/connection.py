"""A connection that can be broken on request, which ASGI itself has no word for."""

import asyncio

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol


class DroppableProtocol(H11Protocol):
    """Gives each request `scope["state"]["drop"]`: calling it closes the connection without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Put the means to drop this connection into every request on it."""
        super().connection_made(transport)
        app = self.app

        async def droppable(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
            scope["state"]["drop"] = transport.abort
            await app(scope, receive, send)

        self.app = droppable
