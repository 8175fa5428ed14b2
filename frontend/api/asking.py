"""Whether we speak the same language: JSON in, JSON out."""

from typing import Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

_UNDERSTOOD: Final = frozenset({"*/*", "application/*", "application/json"})
_NOT_ACCEPTABLE: Final = 406
_UNSUPPORTED: Final = 415


async def _negotiate(request: Request) -> None:
    """Raise HTTPException 406 when JSON is not wanted, 415 when something else than JSON was sent."""
    if not _wants_json(request.headers.get("accept", "")):
        raise HTTPException(_NOT_ACCEPTABLE)
    if request.method == "POST" and await request.body() and not _is_json(request.headers.get("content-type", "")):
        raise HTTPException(_UNSUPPORTED)


SpeaksJson: Final = Depends(_negotiate)


def _wants_json(accept: str) -> bool:
    if not accept:
        return True
    for wish in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in wish.split(";"))
        if kind in _UNDERSTOOD and not any(part.replace(" ", "") in _NEVER for part in parameters):
            return True
    return False


_NEVER: Final = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
