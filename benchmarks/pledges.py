"""Pledges as browsers send them: each by somebody new, from a household of its own, in a form of ours."""

from collections.abc import Iterator
from itertools import count
from typing import Final
from urllib.parse import urlencode

from benchmarks.stand import Stand
from crowd.shared.ids import new_id
from frontend.forms import FIELD

_BROWSER: Final = "b" * 43
_people = count()


def form_of(stand: Stand) -> dict[str, str]:
    """The fields of a filled-in form, by somebody who was never here before."""
    return {
        FIELD: stand.keys.form_token(_BROWSER),
        "pledge_id": str(new_id()),
        "amount": "25",
        "name": "Een buur",
        "email": f"{new_id().hex}@gever.example",
        "updates": "on",
    }


def headers() -> dict[str, str]:
    """What a browser sends beside a form; X-Forwarded-For is another household each time."""
    number = next(_people)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"browser={_BROWSER}",
        "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    }


def address_of(slug: str) -> str:
    """Where the form of a campaign goes."""
    return f"/initiatieven/{slug}/steunen"


def requests(stand: Stand, *, path: str) -> Iterator[bytes]:
    """Endless pledges to one address, each by somebody else."""
    while True:
        body = urlencode(form_of(stand)).encode()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers().items())
        yield f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
