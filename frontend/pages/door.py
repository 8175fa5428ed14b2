"""At the door: what the square code leads to, on a volunteer's own phone. It works without a script.

Signed in, one button is enough. Not signed in, the page says how it goes by the link in one's mail, with the four
digits of the door. Looking changes nothing; a button does.
"""

from typing import Annotated, Final, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from frontend import links
from frontend.access import public
from frontend.answers import page, see_other
from frontend.forms import Fields
from frontend.limits import CODE_BY_ADDRESS
from frontend.links import Purpose
from frontend.pages.volunteering import themselves
from frontend.runtime import RuntimeDep
from frontend.shift_cards import SHIFTS, shift_card
from frontend.views.shift_day import AtDoor, DoorPage
from frontend.views.volunteering import PlacementState
from frontend.visit import visit_of
from frontend.volunteer_forms import Reader
from matching.placements import day_operations, queries
from matching.placements.day_rules import NotOnTheList, WrongDoorCode, may_check_in, opens_at
from matching.placements.queries import PlacementFacts
from matching.roles.queries import shift

router: Final = APIRouter()

Anyone = Annotated[Actor, Depends(public)]


@router.get(SHIFTS + "/deur/{token}")
def show_door(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Show what whoever scanned the code can do."""
    shift_id = links.verify(Purpose.DOOR, token, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = shift(session, shift_id=shift_id)
        own = _own(session, actor, shift_id=shift_id)
        who = person(session, person_id=actor.person_id) if actor.person_id else None
    when: Literal["early", "open", "over"] = "early" if now < opens_at(line.starts_at) else "over"
    if may_check_in(starts_at=line.starts_at, ends_at=line.ends_at, now=now):
        when = "open"
    content = DoorPage(
        base=links.door_path(shift_id, runtime.keys),
        shift=shift_card(line, visit_of(request).language, now=now),
        stands=_stands(actor, own),
        state=cast("PlacementState", own.state) if own else None,
        code=links.door_code(shift_id, runtime.keys),
        name=who.name if who else "",
        opens_at=opens_at(line.starts_at),
        when=when,
        may_sign_up=line.is_open(now) and line.free > 0,
    )
    return page(request, content, now=now)


@router.post(SHIFTS + "/deur/{token}/aankomst")
def arrive(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Note that whoever is signed in is there; who is not signs in and comes back to the page."""
    shift_id = links.verify(Purpose.DOOR, token, runtime.keys)
    where = links.door_path(shift_id, runtime.keys)
    if not actor.is_signed_in:
        return see_other(request, f"/inloggen?{urlencode({'volgende': where})}")
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        own = _own(session, actor, shift_id=shift_id)
        if own is None:
            raise NotOnTheList
        day_operations.check_in(session, placement_id=own.id, actor=actor, now=now)
    return see_other(request, where)


@router.post(SHIFTS + "/aanmeldingen/{token}/aankomst")
def arrive_by_mail(request: Request, runtime: RuntimeDep, actor: Anyone, token: str, form: Fields) -> Response:
    """Note that the reader of a mail is there, once they typed the four digits of the door."""
    placement_id = links.verify(Purpose.OWN_PLACEMENT, token, runtime.keys)
    # Ten thousand codes are soon tried by a machine.
    runtime.limiter.take(CODE_BY_ADDRESS, visit_of(request).address)
    typed = Reader(form, []).text("code")
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        known = queries.placement(session, placement_id=placement_id)
        if typed != links.door_code(known.shift_id, runtime.keys):
            raise WrongDoorCode(field="code")
        owner = themselves(session, placement_id=placement_id, actor=actor, now=now)
        day_operations.check_in(session, placement_id=placement_id, actor=owner, now=now)
    where = links.own_placement_path(placement_id, runtime.keys)
    return see_other(request, where, said=msg("You are checked in. Good that you are here!"))


def _own(session: Session, actor: Actor, *, shift_id: UUID) -> PlacementFacts | None:
    if actor.person_id is None:
        return None
    return queries.placement_of(session, volunteer_id=actor.person_id, shift_id=shift_id)


def _stands(actor: Actor, own: PlacementFacts | None) -> AtDoor:
    if not actor.is_signed_in:
        return "unknown"
    if own is None or own.state not in {"accepted", "checked_in", "completed"}:
        return "not_listed"
    return "expected" if own.state == "accepted" else "there"
