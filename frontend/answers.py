"""How a route answers: a whole page, a part of one, or "see there".

return page(request, HomePage(...), now=now)
return page(request, LaunchPage(form=form), status=400)
return see_other(request, f"/initiatieven/{slug}", said=msg("Your initiative is live."))
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from crowd.municipalities.queries import MunicipalityFacts
from crowd.shared.clock import machine_now
from frontend.access import may
from frontend.i18n import say
from frontend.rendering import Page, render, render_part
from frontend.runtime import runtime_of
from frontend.town import theme_address
from frontend.views.shell import Shell, Tone
from frontend.visit import own_path, visit_of

_SEE_OTHER: Final = 303


def page(
    request: Request, content: Page, *, now: datetime | None = None, status: int = 200, flashes: bool = True
) -> HTMLResponse:
    """Return a whole page in the reader's language.

    `now` is business time, when the route has read it; otherwise it is read here. `flashes=False` keeps what
    the last page wanted said for a later one.
    """
    shell = shell_for(request, now=now, flashes=flashes)
    return HTMLResponse(render(content, shell), status_code=status)


def part(
    request: Request, template: str, *, now: datetime | None = None, status: int = 200, **context: object
) -> HTMLResponse:
    """Return a part of a page, for htmx to swap in."""
    shell = shell_for(request, now=now, flashes=False)
    return HTMLResponse(render_part(template, shell, **context), status_code=status)


def see_other(
    request: Request,
    path: str,
    *,
    said: str = "",
    facts: Mapping[str, object] | None = None,
    tone: Tone = "positive",
) -> RedirectResponse:
    """Return 303 to `path` on this site, where the English sentence `said` is shown once, translated."""
    visit = visit_of(request)
    if said:
        visit.say_next(say(said, visit.language, facts), tone=tone)
    return RedirectResponse(own_path(path), status_code=_SEE_OTHER)


def see_provider(address: str) -> RedirectResponse:
    """Return 303 to a page of the payment provider, whose origin the Content-Security-Policy allows."""
    return RedirectResponse(address, status_code=_SEE_OTHER)


def shell_for(request: Request, *, now: datetime | None = None, flashes: bool = True) -> Shell:
    """Return what surrounds a page for this visit. Costs a query only when `now` must be read in a demonstration."""
    runtime = runtime_of(request)
    if now is None:
        now = business_now(request)
    return make_shell(request, town=runtime.town.facts(), now=now, flashes=flashes)


def business_now(request: Request) -> datetime:
    """Return business time, for a route that opens no session of its own."""
    runtime = runtime_of(request)
    if not runtime.clock.movable:
        return machine_now()
    with runtime.database.reading() as session:
        return runtime.clock.now(session)


def make_shell(request: Request, *, town: MunicipalityFacts, now: datetime, flashes: bool = True) -> Shell:
    """Return the shell from what is known, asking nobody."""
    runtime, visit = runtime_of(request), visit_of(request)
    return Shell(
        language=visit.language,
        path=visit.path,
        origin=runtime.settings.base_url,
        now=now,
        site_name=town.site_name,
        municipality=town.name,
        phone=town.phone,
        visiting_address=town.visiting_address,
        email=town.email,
        theme_href=theme_address(town),
        csrf_token=visit.form_token(),
        is_demo=runtime.settings.demo,
        is_signed_in=visit.actor.is_signed_in,
        may_open_counter=may(visit.actor, "counter:open"),
        flashes=visit.take_flashes() if flashes else (),
    )
