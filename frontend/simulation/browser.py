"""A simulated person's browser: cookies, forms as they stand on the page, and an address of their own.

Speaks HTTP and nothing else. A refused or broken connection is tried again for a while, as people do: every form of
the site carries its own id, so sending it twice is sending it once.
"""

import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx2

_FORM: Final = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_FIELD: Final = re.compile(r"<(input|textarea|select)\b([^>]*)>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'([a-z-]+)="([^"]*)"|\b(checked|selected)\b')
_TEXTAREA_END: Final = "</textarea>"
_SELECTED: Final = re.compile(r'<option\b[^>]*value="([^"]*)"[^>]*\bselected\b')
_FIRST_OPTION: Final = re.compile(r'<option\b[^>]*value="([^"]*)"')
_HREF: Final = re.compile(r'href="([^"]+)"')
_TAG: Final = re.compile(r"<[^>]+>")

# Waits between attempts when nobody answers: a service that is being restarted is back within seconds.
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_AWAY: Final = frozenset({502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HOPS_MAX: Final = 8
_TIMEOUT_SECONDS: Final = 60.0
# The service is on loopback and speaks plain HTTP; reading the certificates of the system for each person is slow.
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class ServiceAway(Exception):
    """Nobody answered, however often it was tried."""


class Surprise(Exception):
    """The site answered something else than this person could go on with."""


@dataclass(slots=True)
class Traffic:
    """What all browsers together met. Shared between threads."""

    requests: int = 0
    retries: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    surprises: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, status: int) -> None:
        """Count one answer."""
        with self._lock:
            self.requests += 1
            self.statuses[status] += 1

    def tried_again(self) -> None:
        """Count one attempt that nobody answered."""
        with self._lock:
            self.retries += 1

    def surprised(self, what: str) -> None:
        """Count something a person could not go on with."""
        with self._lock:
            self.surprises[what] += 1


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it stands on a page, with what a browser would send of it."""

    address: str
    values: Mapping[str, list[str]]
    offered: Mapping[str, list[str]]
    """Every value that can be chosen, of checkboxes and radio buttons."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, with what one can click on it."""

    url: str
    status: int
    html: str

    def forms(self) -> list[Form]:
        """Return the forms that are posted."""
        return [
            _form(self.url, attributes, body)
            for attributes, body in _FORM.findall(self.html)
            if 'method="post"' in attributes
        ]

    def form(self, path: str) -> Form:
        """Return the first form whose address ends with `path`; raise Surprise when there is none."""
        found = next((form for form in self.forms() if urlsplit(form.address).path.endswith(path)), None)
        if found is None:
            raise Surprise(f"no form to {path} on {_shape(self.url)} ({self.status})")
        return found

    def has_form(self, path: str) -> bool:
        """Whether there is a form whose address ends with `path`."""
        return any(urlsplit(form.address).path.endswith(path) for form in self.forms())

    def links(self, pattern: str) -> list[str]:
        """Return every link whose address matches, each once, in order."""
        wanted = re.compile(pattern)
        found = (urljoin(self.url, unescape(link)) for link in _HREF.findall(self.html))
        return list(dict.fromkeys(link for link in found if wanted.search(link)))

    def words(self) -> str:
        """Return the words of the page on one line."""
        return " ".join(unescape(_TAG.sub(" ", self.html)).split())


class Browser:
    """Opens pages and sends forms of one person, from their own `address` (127.x.y.z)."""

    def __init__(self, base_url: str, *, address: str, traffic: Traffic) -> None:
        self._base_url, self._address, self._traffic = base_url, address, traffic
        self._cookies = httpx2.Cookies()
        self._client: httpx2.Client | None = None

    def open(self, url: str) -> Page:
        """Open a page of the site, or any address that a page or a mail gave, and follow where it leads."""
        return self._follow(self._ask("GET", urljoin(self._base_url, url), {}))

    def send(
        self, form: Form, fields: Mapping[str, str | Sequence[str]] | None = None, *, path: str | None = None
    ) -> Page:
        """Send a form with these fields filled in, and follow where it leads.

        `path` is the address of another button of the form. The hidden fields are sent as they stand on the page.
        """
        chosen = {name: [value] if isinstance(value, str) else list(value) for name, value in (fields or {}).items()}
        url = urljoin(form.address, path) if path else form.address
        return self._follow(self._ask("POST", url, {**form.values, **chosen}))

    def pause(self) -> None:
        """Close the connections; cookies are kept, and the next page opens new ones."""
        if self._client is not None:
            self._cookies = self._client.cookies
            self._client.close()
            self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.pause()

    def _connected(self) -> httpx2.Client:
        if self._client is None:
            self._client = httpx2.Client(
                transport=httpx2.HTTPTransport(local_address=self._address, verify=_NO_TLS, trust_env=False),
                cookies=self._cookies,
                trust_env=False,
                timeout=_TIMEOUT_SECONDS,
                # Compressing for a reader on the same machine only costs both of them time.
                headers={"user-agent": "simulation of Buurtloket", "accept-encoding": "identity"},
            )
        return self._client

    def _follow(self, answer: httpx2.Response) -> Page:
        for _ in range(_HOPS_MAX):
            if answer.status_code not in _REDIRECTS:
                return Page(str(answer.url), answer.status_code, answer.text)
            answer = self._ask("GET", urljoin(str(answer.url), answer.headers["location"]), {})
        raise Surprise(f"{_shape(str(answer.url))} leads on and on")

    def _ask(self, method: str, url: str, data: Mapping[str, Sequence[str]]) -> httpx2.Response:
        client, parts = self._connected(), urlsplit(url)
        origin = {"origin": f"{parts.scheme}://{parts.netloc}"} if method == "POST" else {}

        def ask() -> httpx2.Response:
            return client.request(method, url, data=dict(data) if method == "POST" else None, headers=origin)

        return patiently(ask, self._traffic)


def patiently(
    ask: Callable[[], httpx2.Response], traffic: Traffic, *, pauses: tuple[float, ...] = _PAUSES
) -> httpx2.Response:
    """Return what `ask` is answered, trying again while the service is away; raise ServiceAway in the end."""
    for pause in (*pauses, None):
        try:
            answer = ask()
        except httpx2.TransportError as error:
            if pause is None:
                raise ServiceAway(str(error)) from error
        else:
            if pause is None or answer.status_code not in _AWAY:
                traffic.answered(answer.status_code)
                return answer
        traffic.tried_again()
        time.sleep(pause)
    raise ServiceAway


def _form(url: str, attributes: str, body: str) -> Form:
    values: dict[str, list[str]] = {}
    offered: dict[str, list[str]] = {}
    for found in _FIELD.finditer(body):
        given = _attributes(found[2])
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name:
            continue
        if found[1] == "textarea":
            text = body[found.end() : body.index(_TEXTAREA_END, found.end())]
            values.setdefault(name, []).append(unescape(text))
        elif found[1] == "select":
            options = body[found.end() : body.index("</select>", found.end())]
            chosen = _SELECTED.search(options) or _FIRST_OPTION.search(options)
            values.setdefault(name, []).append(unescape(chosen[1]) if chosen else "")
        elif kind in {"checkbox", "radio"}:
            offered.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                values.setdefault(name, []).append(given.get("value", "on"))
        elif kind not in {"submit", "button", "file"}:
            values.setdefault(name, []).append(given.get("value", ""))
    return Form(urljoin(url, _attributes(attributes).get("action", url)), values, offered)


def _attributes(text: str) -> dict[str, str]:
    return {name or flag: unescape(value) for name, value, flag in _ATTRIBUTE.findall(text)}


def _shape(url: str) -> str:
    """Return an address without what differs from one thing to another, so that equal surprises count together."""
    path = urlsplit(url).path
    return re.sub(r"(?<=/)(?:[\w-]*\d[\w-]{7,}|[\w-]{30,})(?=/|$)", "…", path)


def address_of(kind: int, number: int) -> str:
    """Return the loopback address of somebody: `kind` (16 to 200) keeps donors, volunteers and staff apart."""
    return f"127.{kind + number // 64_000}.{number // 250 % 256}.{1 + number % 250}"
