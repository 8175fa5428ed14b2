"""Somebody with a browser, reduced to what matters to a server: cookies, forms, and an address of their own."""

import re
from collections.abc import Mapping
from html import unescape
from itertools import count
from types import TracebackType
from typing import Self

import httpx2

_HIDDEN_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_numbers = count(1)


class Visitor:
    """Follows no redirect by itself, remembers the form token of the last page, and comes from its own 127.x.y.z."""

    def __init__(self, base_url: str, *, address: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.address = address or _next_address()
        self.client = httpx2.Client(
            base_url=base_url,
            transport=httpx2.HTTPTransport(local_address=self.address, trust_env=False),
            headers=dict(headers or {}),
            trust_env=False,
            timeout=20,
        )
        self.token = ""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Open a page."""
        answer = self.client.get(path, headers=dict(headers or {}))
        found = _HIDDEN_TOKEN.search(answer.text)
        if found:
            self.token = unescape(found.group(1))
        return answer

    def follow(self, answer: httpx2.Response) -> httpx2.Response:
        """Open where an answer leads to."""
        return self.get(answer.headers["location"])

    def send(self, path: str, headers: Mapping[str, str] | None = None, **fields: str) -> httpx2.Response:
        """Send the form of the last page, its hidden token included."""
        answer = self.client.post(path, data={"csrf": self.token, **fields}, headers=dict(headers or {}))
        found = _HIDDEN_TOKEN.search(answer.text)
        if found:
            self.token = unescape(found.group(1))
        return answer

    def close(self) -> None:
        """Close the browser."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def _next_address() -> str:
    number = next(_numbers)
    return f"127.{10 + number // 65025}.{number // 255 % 255}.{1 + number % 254}"
