"""A page that everybody looks at now is made once a second, not once a visitor.

When a campaign is on television, one address is asked hundreds of times a second by people who are not signed in,
and all of them see the same. From the tenth time within a second the answer is held and given again, for at most
one second. A page that is asked less often is made anew each time, so whoever gave something sees it at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontend.visit import FLASH, SESSION, Visit

_BUSY: Final = 10
_SECOND: Final = 1.0
# Of addresses counted at one time; an answer is held only for those asked often, so few hold one.
_MOST: Final = 2000
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class _Route:
    """What the metrics and the log call the route of an answer that was held."""

    path: str


@dataclass(slots=True)
class _Address:
    """How often an address was asked since `since`, and the answer held for it until `until`."""

    since: float
    asked: int = 0
    until: float = 0.0
    route: _Route = _Route("none")
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    tag: bytes = b""


class BusyPages:
    """Stands between the edge and the application; every process holds its own. Only doors say which page is held."""

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._addresses: dict[tuple[str, str, bool], _Address] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        visit: Visit = scope["state"]["visit"]
        if visit.cookie(SESSION) or visit.cookie(FLASH):
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"])
        now = self._clock()
        address = self._count(visit, given, now)
        if address.until <= now:
            if address.asked < _BUSY:
                await self._app(scope, receive, send)
                return
            answer = await self._make(scope, receive)
            if not _hold(address, answer, scope, until=now + _SECOND):
                for message in answer:
                    await send(message)
                return
        scope["route"] = address.route
        await _give(address, given.get(b"if-none-match", b""), send)

    def _count(self, visit: Visit, given: dict[bytes, bytes], now: float) -> _Address:
        key = (visit.path, visit.language, b"gzip" in given.get(b"accept-encoding", b""))
        address = self._addresses.get(key)
        if address is None:
            if len(self._addresses) >= _MOST:
                self._addresses.clear()
            address = self._addresses[key] = _Address(since=now)
        elif now - address.since > _SECOND:
            address.since, address.asked = now, 0
        address.asked += 1
        return address

    async def _make(self, scope: Scope, receive: Receive) -> list[Message]:
        """Return the whole answer, also to a browser that has it: others have not."""
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            answer.append(message)

        scope["headers"] = [line for line in scope["headers"] if line[0] != b"if-none-match"]
        await self._app(scope, receive, collect)
        return answer


def _hold(address: _Address, answer: list[Message], scope: Scope, *, until: float) -> bool:
    """Hold an answer that is the same for everyone; return whether it is."""
    visit: Visit = scope["state"]["visit"]
    start, *rest = answer
    if start["status"] != _OK or not visit.is_same_for_everyone:
        return False
    address.headers = list(start["headers"])
    address.tag = dict(address.headers).get(b"etag", b"")
    address.body = b"".join(message.get("body", b"") for message in rest)
    address.route, address.until = _Route(_path_of(scope)), until
    return True


def _path_of(scope: Scope) -> str:
    context = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(context, "path", "none"))


async def _give(address: _Address, known: bytes, send: Send) -> None:
    if address.tag and address.tag in known:
        headers = [(name, value) for name, value in address.headers if name in {b"etag", b"vary"}]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": _OK, "headers": list(address.headers)})
    await send({"type": "http.response.body", "body": address.body})
