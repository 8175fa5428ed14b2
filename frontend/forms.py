"""Whether a POST comes from a form of ours, in the browser that was given it.

Two independent signs: what the browser itself says about where the request began (Sec-Fetch-Site, Origin), and
a hidden signed value that only a page of ours for this browser holds. A form of another site is refused flatly;
one of ours whose value is no longer good is shown again, filled in, to be sent with one click.
"""

from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from crowd.shared.errors import Forbidden, msg
from frontend.visit import parts_of, visit_of

FIELD: Final = "csrf"
# A form longer than this is not kept for a second try.
_KEPT_LENGTH: Final = 200_000


class FromAnotherSite(Forbidden):
    """A page elsewhere made this browser send something here."""

    sentence = msg("This was sent from another website, so we did nothing with it. Use the form on our own page.")


class FormExpired(Forbidden):
    """One of our own forms, but its hidden value is no longer good: an old page, or cookies were cleared.

    `fields` are what was typed, to be sent again; empty when the browser did not say that the form was ours.
    """

    sentence = msg("This page had been open for a while, so we could not be sure that it was you. Nothing was lost.")

    def __init__(self, *, fields: tuple[tuple[str, str], ...], had_files: bool) -> None:
        super().__init__()
        self.fields = fields
        self.had_files = had_files


async def read_form(request: Request) -> FormData:
    """Return the form that `check_form` has read already: for a page whose fields have no fixed names."""
    return await request.form()


Fields = Annotated[FormData, Depends(read_form)]


def texts(fields: FormData) -> dict[str, str]:
    """Return every text field as it was typed; of several with one name the last."""
    return {name: value for name, value in fields.items() if isinstance(value, str)}


async def check_form(request: Request) -> None:
    """Raise FromAnotherSite or FormExpired unless this request was sent by a form we gave this browser."""
    is_surely_ours = _says_same_origin(request)
    if is_surely_ours is False:
        raise FromAnotherSite
    visit = visit_of(request)
    form = await request.form()
    token = form.get(FIELD)
    if isinstance(token, str) and visit.keys.accepts_form_token(token, browser=visit.known_browser()):
        return
    had_files = any(isinstance(value, UploadFile) and value.filename for value in form.values())
    # Only a request that surely began on our own page is offered again: on another site's form a person would be
    # one click away from sending it.
    raise FormExpired(fields=_typed(form) if is_surely_ours else (), had_files=had_files)


def _says_same_origin(request: Request) -> bool | None:
    """Return what the browser says about where this began; None when it says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is not None:
        parts = parts_of(origin)
        return parts is not None and parts.netloc == request.headers.get("host", "") != ""
    return None


def _typed(form: FormData) -> tuple[tuple[str, str], ...]:
    fields = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str) and name != FIELD)
    return fields if sum(len(value) for _name, value in fields) <= _KEPT_LENGTH else ()
