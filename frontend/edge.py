"""The outermost layer of every request: its visit, its headers, its line in the log, and its place in the metrics.

Plain ASGI, one object per application: a request costs a dictionary and a closure here, no task and no thread.
"""

import re
import time
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crowd.shared import log
from crowd.shared.ids import new_id
from crowd.shared.settings import Settings
from frontend import i18n
from frontend.api.version import VERSION
from frontend.errors import answer_crash
from frontend.limits import counted_as
from frontend.metrics import REQUESTS, SECONDS
from frontend.security import Keys, is_https, security_headers
from frontend.visit import Visit, own_path, read_cookies

_STATIC: Final = "/static/"
_API: Final = "/api/"
# Asked every few seconds by machines: in the metrics, but not in the log.
_QUIET: Final = ("/health/live", "/health/ready", "/metrics")
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

_log = log.logger()


class Edge:
    """Wraps the application. Only TRUSTED_PROXY may say with X-Forwarded-For for whom it asks."""

    def __init__(self, app: ASGIApp, *, settings: Settings, keys: Keys) -> None:
        self._app = app
        self._keys = keys
        self._https = is_https(settings)
        self._trusted_proxy = settings.trusted_proxy
        self._headers = [(name.encode(), value.encode()) for name, value in security_headers(settings).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a crash below becomes an answer here, so that it has headers and a log line too."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = {name: value.decode("latin-1") for name, value in scope["headers"]}
        identifier = _correlation_id(given.get(b"x-request-id", ""))
        visit = self._visit(scope, given)
        scope.setdefault("state", {})["visit"] = visit
        headers = [*self._headers, (b"x-request-id", identifier.encode())]
        if scope["path"].startswith(_API):
            headers += _of_the_api(scope, visit)
        answer = _Answer(send, visit, headers)
        with log.correlated(identifier):
            try:
                if not await self._switched_language(scope, visit, answer):
                    await self._app(scope, receive, answer)
            except Exception as error:  # noqa: BLE001  the last place where anything can be caught
                await self._crashed(scope, receive, answer, error)
            finally:
                _note(scope, answer.status, time.perf_counter() - began)

    def _visit(self, scope: Scope, given: dict[bytes, str]) -> Visit:
        cookies = read_cookies(given.get(b"cookie", ""))
        query = scope["query_string"].decode("latin-1")
        if scope["path"].startswith(_API):
            language = i18n.accepted(given.get(b"accept-language", ""))
        else:
            language = i18n.chosen(cookies.get(i18n.COOKIE))
        return Visit(
            keys=self._keys,
            https=self._https,
            address=counted_as(self._client(scope, given)),
            path=scope["raw_path"].decode("latin-1").split("?")[0] + (f"?{query}" if query else ""),
            cookies=cookies,
            language=language,
        )

    def _client(self, scope: Scope, given: dict[bytes, str]) -> str:
        peer: str = scope["client"][0] if scope.get("client") else ""
        if self._trusted_proxy and (peer == self._trusted_proxy or not peer):
            # The last entry is the one our own proxy wrote; those before it are anybody's claim.
            return given.get(b"x-forwarded-for", "").rpartition(",")[2].strip() or peer
        return peer

    async def _switched_language(self, scope: Scope, visit: Visit, send: Send) -> bool:
        """Answer `?lang=` with a cookie and the same address without it; return whether it was asked."""
        is_page = scope["method"] in {"GET", "HEAD"} and not scope["path"].startswith((_API, _STATIC))
        if not is_page or b"lang=" not in scope["query_string"]:
            return False
        path, _mark, query = visit.path.partition("?")
        asked = i18n.asked_to_switch(path=path, query=query)
        if asked is None:
            return False
        language, address = asked[0], own_path(asked[1])
        visit.speak(language)
        headers = [(b"location", address.encode("latin-1")), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True

    async def _crashed(self, scope: Scope, receive: Receive, answer: "_Answer", error: Exception) -> None:
        if answer.status:
            # Half an answer is out already: cutting the line is all that is left to say.
            raise error
        response = await run_in_threadpool(answer_crash, Request(scope, receive), error)
        await response(scope, receive, answer)


class _Answer:
    """The way out: adds the headers and the visit's cookies to whatever is answered."""

    def __init__(self, send: Send, visit: Visit, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._visit = visit
        self._headers = headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._complete(list(message.get("headers", ())))
        await self._send(message)

    def _complete(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        given = {name.lower() for name, _value in headers}
        headers += [(name, value) for name, value in self._headers if name not in given]
        given.update(name for name, _value in self._headers)
        headers += self._visit.set_cookies
        if b"cache-control" not in given:
            # A page shows what its reader may see; only what says otherwise itself is kept by anyone.
            personal = self._visit.signed_in is not None or bool(self._visit.set_cookies)
            headers.append((b"cache-control", b"no-store" if personal else b"private, no-cache"))
        return headers


def _of_the_api(scope: Scope, visit: Visit) -> list[tuple[bytes, bytes]]:
    """Return what every answer of the API carries beside the rest, refusals and crashes included."""
    headers = [
        (b"api-version", VERSION.encode()),
        (b"content-language", visit.language.encode()),
        (b"cache-control", b"no-store"),
    ]
    if scope["method"] == "GET":
        # Everything that can be read without a cookie may be read from any page. Acts are for servers.
        headers.append((b"access-control-allow-origin", b"*"))
    return headers


def _correlation_id(given: str) -> str:
    return given if _GIVEN_ID.fullmatch(given) else new_id().hex


def route_of(scope: Scope) -> str:
    """Return the template of the route that served this request, "/initiatieven/{slug}"; never the path itself."""
    fastapi: dict[str, Any] = scope.get("fastapi", {})
    effective = fastapi.get("effective_route_context")
    route = effective if effective is not None else scope.get("route")
    path = getattr(route, "path", None)
    if path is not None:
        return str(path)
    return "/static" if scope["path"].startswith(_STATIC) else "none"


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = route_of(scope)
    REQUESTS.labels(scope["method"], route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    if scope["path"] not in _QUIET:
        _log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
        )
