"""How much may be sent at once. What is too much is read to its end and thrown away, so that our answer is heard.

A browser that is still sending when the line closes shows an error of its own instead of our sentence.
"""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A photo of 10 MB and the form around it.
MOST: Final = 12 * 1024 * 1024
# Nothing that the API takes comes near this.
MOST_OF_JSON: Final = 64 * 1024
# Beyond this nobody made an honest mistake, and the line may as well close.
_MOST_THROWN_AWAY: Final = 120 * 1024 * 1024
_TOO_LARGE: Final = 413
_API: Final = "/api/"


class BodyLimit:
    """Raises HTTPException 413 to whoever reads a body larger than MOST, for the API MOST_OF_JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        most = MOST_OF_JSON if scope["path"].startswith(_API) else MOST
        await self._app(scope, _Counted(receive, most), send)


class _Counted:
    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._read = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._count(message)
        if self._read <= self._most:
            return message
        while message.get("more_body") and self._read <= _MOST_THROWN_AWAY:
            message = await self._receive()
            self._count(message)
        raise HTTPException(_TOO_LARGE)

    def _count(self, message: Message) -> None:
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
