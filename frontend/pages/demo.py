"""The demonstration's own pages: look around as somebody, and let time pass. They exist only with DEMO=yes."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from crowd.accounts.operations import confirm_address, find_or_add_person, grant_role
from crowd.accounts.queries import roles_of
from crowd.shared.actor import Actor, operator
from crowd.shared.errors import Invalid, msg
from frontend.access import public
from frontend.answers import page, see_other
from frontend.demo import (
    PEOPLE,
    SandboxDidNotFollow,
    move_clock,
    person_playing,
    refuse_outside_demonstration,
    set_sandbox_clock,
    until_next_deadline,
)
from frontend.i18n import DEFAULT
from frontend.runtime import RuntimeDep
from frontend.sessions import sign_in
from frontend.views.accounts import DemoPage, DemoPart, DemoSignInPage
from frontend.visit import own_path, visit_of

router: Final = APIRouter()
DEMO: Final = "/demo"
_COUNTER: Final = "/loket"
_MINE: Final = "/mijn"


class NotDays(Invalid):
    """A number of days is a whole number, and not a long one."""

    sentence = msg("Fill in a whole number of days, at most 400.")


@router.get(DEMO)
def show_demo(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Show who one can be, and the clock."""
    del actor
    refuse_outside_demonstration(runtime.settings)
    parts = tuple(DemoPart(part=part, name=who.name) for part, who in PEOPLE.items())
    return page(request, DemoPage(parts=parts, mailbox_url=runtime.settings.mailbox_url))


@router.get("/demo/inloggen/{part}")
def show_part(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], part: str) -> Response:
    """Show one button; a link alone signs nobody in, or any website could do it for them."""
    del actor
    refuse_outside_demonstration(runtime.settings)
    who = person_playing(part)
    return page(request, DemoSignInPage(part=part, name=who.name))


@router.post("/demo/inloggen/{part}")
def play_part(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], part: str) -> Response:
    """Sign in as somebody of the demonstration, added on the spot when they are not there yet."""
    refuse_outside_demonstration(runtime.settings)
    who = person_playing(part)
    town = runtime.town.facts()
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        person_id = find_or_add_person(
            session, municipality_id=town.id, email=who.email, locale=DEFAULT, now=now, name=who.name
        )
        confirm_address(session, person_id=person_id, now=now)
        if who.role and who.role not in roles_of(session, person_id=person_id):
            grant_role(
                session,
                person_id=person_id,
                role=who.role,
                mandate_cents=who.mandate_cents,
                actor=operator(actor.municipality_id),
                now=now,
            )
        token, seconds = sign_in(request, session, person_id=person_id, municipality_id=town.id)
    visit_of(request).start_session(token, seconds=seconds)
    said = msg("You are now looking around as {name}.")
    return see_other(request, _COUNTER if who.role else _MINE, said=said, facts={"name": who.name})


@router.post("/demo/klok")
def let_time_pass(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    days: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
    volgende: Annotated[str, Form()] = "",
) -> Response:
    """Move the clock by `days`, or with `to=deadline` to just after the next deadline of a campaign."""
    refuse_outside_demonstration(runtime.settings)
    if to != "deadline" and not (days.isascii() and days.isdecimal() and len(days) < 4):  # noqa: PLR2004  three digits
        raise NotDays(field="days")
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        by = until_next_deadline(session, now=now) if to == "deadline" else timedelta(days=int(days))
        now = move_clock(runtime, session, by=by, actor=actor)
    back, facts = own_path(volgende, otherwise=DEMO), {"moment": now}
    try:
        set_sandbox_clock(runtime)
    except SandboxDidNotFollow:
        said = msg("It is now {moment}. The payment sandbox did not answer; its clock follows as soon as it does.")
        return see_other(request, back, said=said, facts=facts, tone="warning")
    return see_other(request, back, said=msg("It is now {moment}."), facts=facts)
