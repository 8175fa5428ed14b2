"""The day of a shift, for the initiative's own people: the list at the desk, the sheet for the door, and hours."""

from typing import Final
from uuid import UUID

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from crowd.shared.errors import msg
from frontend import links
from frontend.answers import page, see_other
from frontend.forms import Fields
from frontend.pages.planning import PLANNING, Planner, planned_campaign
from frontend.pages.shift_board import check_on_list, line_of, to_board
from frontend.runtime import RuntimeDep
from frontend.shift_cards import shift_card
from frontend.views.shift_day import DeskLine, DeskPage, SheetPage
from frontend.visit import visit_of
from frontend.volunteer_forms import Reader
from matching.placements import day_operations, queries
from matching.placements.day_rules import may_check_in, opens_at, read_hours
from matching.placements.rules import OCCUPIES

router: Final = APIRouter()

_DESK: Final = PLANNING + "/{shift_id}/balie"
_ON_LIST: Final = PLANNING + "/{shift_id}/aanmeldingen/{placement_id}"


@router.get(_DESK)
def show_desk(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID) -> Response:
    """Show everybody who is expected, with one button each."""
    base = f"{PLANNING.format(slug=slug)}/{shift_id}"
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        people = queries.on_shifts(session, shift_ids=[shift_id]).get(shift_id, [])
    content = DeskPage(
        base=base,
        slug=slug,
        shift=shift_card(line, visit_of(request).language, now=now, href=base),
        people=tuple(
            DeskLine(base=f"{base}/aanmeldingen/{one.placement_id}", name=one.name, is_there=one.state == "checked_in")
            for one in sorted(people, key=lambda one: (one.name.casefold(), str(one.placement_id)))
            if one.state in OCCUPIES
        ),
        opens_at=opens_at(line.starts_at),
        is_open=may_check_in(starts_at=line.starts_at, ends_at=line.ends_at, now=now),
    )
    return page(request, content, now=now)


@router.get(PLANNING + "/{shift_id}/deurblad")
def show_sheet(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID) -> Response:
    """Show the sheet for the door, to print or to hold up."""
    base = f"{PLANNING.format(slug=slug)}/{shift_id}"
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
    address = runtime.settings.base_url + links.door_path(shift_id, runtime.keys)
    content = SheetPage(
        base=base,
        slug=slug,
        shift=shift_card(line, visit_of(request).language, now=now, href=base),
        square=square_code(address),
        address=address,
        code=links.door_code(shift_id, runtime.keys),
    )
    return page(request, content, now=now)


def square_code(address: str) -> Markup:
    """Return a QR code of this address as SVG without style attributes, for a page with a strict policy.

    Error correction M: a sheet outside gets wet. The image says nothing a reader needs: the address stands below it.
    """
    made = segno.make_qr(address, error="m")
    drawn = made.svg_inline(scale=6, border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return Markup(drawn)  # noqa: S704  drawn by the library from an address of our own


@router.post(_ON_LIST + "/aankomst")
def check_in(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID
) -> Response:
    """Note at the desk that somebody is there."""
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        day_operations.check_in(session, placement_id=placement_id, actor=actor, now=now)
    return see_other(request, _DESK.format(slug=slug, shift_id=shift_id), said=msg("Checked in."))


@router.post(_ON_LIST + "/aankomst/herroeping")
def undo(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID
) -> Response:
    """Take a tap on the wrong name back."""
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        day_operations.undo_check_in(session, placement_id=placement_id, actor=actor, now=now)
    return see_other(request, _DESK.format(slug=slug, shift_id=shift_id), said=msg("Taken back."))


@router.post(_ON_LIST + "/uren")
def correct_hours(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID, form: Fields
) -> Response:
    """Write down how long somebody helped, when that was not as long as the shift."""
    minutes = read_hours(Reader(form, []).text("hours"))
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        day_operations.correct_hours(session, placement_id=placement_id, minutes=minutes, actor=actor, now=now)
    return to_board(request, slug, shift_id, said=msg("The hours are written down."))
