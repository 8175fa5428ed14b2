"""Reading mail as the simulated people do: in the stack's mailbox page, by its JSON."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from frontend.simulation.browser import Traffic, patiently

_LOOK_EVERY_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail; `number` grows with time."""

    number: int
    subject: str
    links: tuple[str, ...]

    def link(self, part: str) -> str:
        """Return the first link that contains `part`, or nothing."""
        return next((link for link in self.links if part in link), "")


class Mailbox:
    """Everybody's mail. Shared between threads."""

    def __init__(self, url: str, traffic: Traffic) -> None:
        self._traffic = traffic
        self._client = httpx2.Client(base_url=url, trust_env=False, timeout=60)

    def letters(self, *, to: str = "", after: int = 0, most: int = 50) -> list[Letter]:
        """Return mail to this address, the newest first."""
        query: dict[str, str | int] = {"after": after, "limit": most} | ({"to": to} if to else {})
        answer = patiently(lambda: self._client.get("/api/messages", params=query), self._traffic)
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return [Letter(one["id"], one["subject"], tuple(one["links"])) for one in messages]

    def newest(self) -> int:
        """Return the number of the newest e-mail of all, or 0."""
        return next((letter.number for letter in self.letters(most=1)), 0)

    def await_letter(self, part: str, *, to: str, after: int = 0, seconds: float) -> Letter | None:
        """Return the newest mail to this address with a link that contains `part`; None when none comes in time."""
        end = time.monotonic() + seconds
        while True:
            found = next((one for one in self.letters(to=to, after=after) if one.link(part)), None)
            if found is not None or time.monotonic() >= end:
                return found
            time.sleep(_LOOK_EVERY_SECONDS)

    def await_quiet(self, *, seconds: float, at_most: float, note: Callable[[int], None] | None = None) -> bool:
        """Wait until no mail came for `seconds`: everything the service had to tell is told. False after `at_most`."""
        end, newest, since = time.monotonic() + at_most, self.newest(), time.monotonic()
        while time.monotonic() < end:
            time.sleep(_LOOK_EVERY_SECONDS)
            now_newest = self.newest()
            if now_newest != newest:
                newest, since = now_newest, time.monotonic()
            elif time.monotonic() - since >= seconds:
                return True
            if note is not None:
                note(newest)
        return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
