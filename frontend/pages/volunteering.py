"""Helping out, for everybody: find a shift, sign up, and answer by the link in every message.

Two screens and no account: the shift with its form, and the page that says "look in your mail". That page is the
same for every address, so it tells nobody whose address is known here. Opening a mailed link does nothing;
a button on the page does.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, cast
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from crowd.accounts.operations import confirm_address
from crowd.accounts.queries import person
from crowd.municipalities import queries as town
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid
from crowd.shared.ids import new_id
from frontend import links
from frontend.access import public
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.forms import Fields
from frontend.i18n import refusals
from frontend.limits import FORM_BY_ADDRESS
from frontend.links import Purpose
from frontend.list_keys import read_key, write_key
from frontend.mails import calendar
from frontend.pages.launch import read_id
from frontend.runtime import Runtime, RuntimeDep
from frontend.shift_cards import SHIFTS, fit_view, shift_card
from frontend.views.forms import Choice, Form
from frontend.views.volunteering import Fit, HelpPage, OwnPlacementPage, PlacementState, ShiftPage, SignedUpPage
from frontend.visit import visit_of
from frontend.volunteer_forms import Reader, all_errors, read_birth_date, read_contact, typed_values
from matching.placements import operations, queries
from matching.placements.day_rules import may_check_in
from matching.placements.rules import LEFT, BirthDateMissing, TooYoung
from matching.placements.score import VolunteerSide, failures, score
from matching.roles import queries as roles
from matching.roles.queries import ShiftFilter, ShiftLine
from matching.roles.rules import HELPABLE, ShiftNotFound
from matching.vocabulary import queries as vocabulary
from matching.vocabulary.rules import DAYS, cell, languages_in

router: Final = APIRouter()

Anyone = Annotated[Actor, Depends(public)]

# What the filter on the time of the week sends, and the cells it stands for.
WHEN: Final[dict[str, int]] = {
    "ochtend": sum(cell(day, 0) for day in range(len(DAYS))),
    "middag": sum(cell(day, 1) for day in range(len(DAYS))),
    "avond": sum(cell(day, 2) for day in range(len(DAYS))),
    "weekend": sum(cell(day, part) for day in (5, 6) for part in range(3)),
}


# --- Finding a shift ------------------------------------------------------------------------------------------


@router.get(SHIFTS)
def show_shifts(
    request: Request,
    runtime: RuntimeDep,
    actor: Anyone,
    thema: str = "",
    wijk: str = "",
    wanneer: str = "",
    vaardigheid: str = "",
    vol: str = "",
    na: str = "",
) -> Response:
    """List every shift one can sign up for, the soonest first."""
    del actor
    language, here = visit_of(request).language, runtime.town.facts().id
    typed = {"thema": thema, "wijk": wijk, "wanneer": wanneer, "vaardigheid": vaardigheid, "vol": vol}
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        themes = town.themes(session, municipality_id=here)
        quarters = town.neighbourhoods(session, municipality_id=here)
        skills = vocabulary.skills(session, municipality_id=here)
        wanted = ShiftFilter(
            theme_id=next((one.id for one in themes if one.slug == thema), None),
            neighbourhood_id=next((found for found, slug, _name in quarters if slug == wijk), None),
            skill_id=next((one.id for one in skills if one.slug == vaardigheid), None),
            cells=WHEN.get(wanneer, 0),
            with_full=bool(vol),
        )
        after = read_key(na)
        lines, has_more = roles.find_shifts(session, municipality_id=here, wanted=wanted, now=now, after=after)
    content = HelpPage(
        shifts=tuple(shift_card(line, language, now=now) for line in lines),
        filters=Form(values=typed),
        themes=tuple(
            Choice(value=one.slug, label=one.label_en if language == "en" else one.label_nl) for one in themes
        ),
        neighbourhoods=tuple(Choice(value=slug, label=name) for _id, slug, name in quarters),
        skills=tuple(
            sorted(
                (Choice(value=one.slug, label=one.label(language)) for one in skills),
                key=lambda choice: choice.label.casefold(),
            )
        ),
        more_href=_more(typed, lines[-1]) if has_more else None,
        is_first_part=after is None,
    )
    return page(request, content, now=now)


def _more(typed: dict[str, str], last: ShiftLine) -> str:
    key = write_key(last.starts_at, last.id)
    return f"{SHIFTS}?{urlencode({**{name: value for name, value in typed.items() if value}, 'na': key})}"


# --- One's own placement, by the link in every message --------------------------------------------------------


@router.get(SHIFTS + "/aanmeldingen/{token}")
def show_own(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Show where one's own placement stands, with a button for what can be done. Looking changes nothing."""
    del actor
    placement_id = links.verify(Purpose.OWN_PLACEMENT, token, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        known = queries.placement(session, placement_id=placement_id)
        line = roles.shift(session, shift_id=known.shift_id)
        who = person(session, person_id=known.volunteer_id)
    content = OwnPlacementPage(
        base=links.own_placement_path(placement_id, runtime.keys),
        shift=shift_card(line, visit_of(request).language, now=now),
        state=cast("PlacementState", known.state),
        answer_by=known.expires_at,
        asks_code=known.state == "accepted" and may_check_in(starts_at=line.starts_at, ends_at=line.ends_at, now=now),
        name=who.name if who else "",
    )
    return page(request, content, now=now)


@router.get(SHIFTS + "/aanmeldingen/{token}/agenda.ics")
def download_calendar(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Give the shift as a calendar file, the same as the one in the mail."""
    del actor, request
    placement_id = links.verify(Purpose.OWN_PLACEMENT, token, runtime.keys)
    with runtime.database.reading() as session:
        known = queries.placement(session, placement_id=placement_id)
        line = roles.shift(session, shift_id=known.shift_id)
    base_url = runtime.settings.base_url
    file = calendar.entry(
        placement_id=known.id,
        domain=urlsplit(base_url).hostname or "buurtloket",
        title=f"{line.role_title}: {line.initiative_title}",
        place=line.meeting_point,
        url=base_url + links.own_placement_path(placement_id, runtime.keys),
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        changed_at=known.changed_at,
        is_cancelled=known.state in LEFT,
    )
    headers = {"content-disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type="text/calendar; charset=utf-8", headers=headers)


@router.post(SHIFTS + "/aanmeldingen/{token}/toezegging")
def say_yes(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Accept an invitation."""
    placement_id = links.verify(Purpose.OWN_PLACEMENT, token, runtime.keys)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        owner = themselves(session, placement_id=placement_id, actor=actor, now=now)
        operations.accept(session, placement_id=placement_id, actor=owner, now=now)
    return see_other(request, links.own_placement_path(placement_id, runtime.keys))


@router.post(SHIFTS + "/aanmeldingen/{token}/afzegging")
def say_no(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Decline an invitation, take back an application, or cancel a place."""
    placement_id = links.verify(Purpose.OWN_PLACEMENT, token, runtime.keys)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        owner = themselves(session, placement_id=placement_id, actor=actor, now=now)
        operations.leave(session, placement_id=placement_id, actor=owner, now=now)
    return see_other(request, links.own_placement_path(placement_id, runtime.keys))


@router.post(SHIFTS + "/aanmeldingen/{token}/wachtlijst")
def wait_for_place(request: Request, runtime: RuntimeDep, actor: Anyone, token: str) -> Response:
    """Stay on the waiting list of a shift that filled up before one answered."""
    placement_id = links.verify(Purpose.OWN_PLACEMENT, token, runtime.keys)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        owner = themselves(session, placement_id=placement_id, actor=actor, now=now)
        operations.join_waiting_list(session, placement_id=placement_id, actor=owner, now=now)
    return see_other(request, links.own_placement_path(placement_id, runtime.keys))


def themselves(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> Actor:
    """Return the volunteer as the one who acts: the link, which stands only in their mail, proves it."""
    known = queries.placement(session, placement_id=placement_id)
    confirm_address(session, person_id=known.volunteer_id, now=now)
    return replace(actor, person_id=known.volunteer_id, roles=frozenset(), mandate_cents=0)


# --- Signing up -----------------------------------------------------------------------------------------------


@router.get(SHIFTS + "/{shift_id}")
def show_shift(request: Request, runtime: RuntimeDep, actor: Anyone, shift_id: str) -> Response:
    """Show a shift and ask who wants to come. Signed in, one button is enough."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = _public_line(session, shift_id)
        known = person(session, person_id=actor.person_id) if actor.person_id else None
        form = Form(values={"name": known.name if known else "", "email": known.email if known else ""})
        content = _shift_page(session, request, runtime, line=line, actor=actor, form=form, now=now)
    return page(request, content, now=now)


@router.post(SHIFTS + "/{shift_id}/aanmelding")
def sign_up(request: Request, runtime: RuntimeDep, actor: Anyone, shift_id: str, form: Fields) -> Response:
    """Put somebody on the shift; or show the form again with everything that is wrong."""
    runtime.limiter.take(FORM_BY_ADDRESS, visit_of(request).address)
    reader = Reader(form, [])
    placement_id = read_id(reader.text("placement_id"))
    try:
        if actor.person_id is not None:
            return _sign_up_known(request, runtime, actor, person_id=actor.person_id, shift_id=shift_id, form=form)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            line = _public_line(session, shift_id)
            name, email, born_on = read_contact(form, asks_birth_date=line.minimum_age is not None)
            outcome = operations.sign_up_by_address(
                session,
                placement_id=placement_id,
                shift_id=line.id,
                email=email,
                name=name,
                locale=visit_of(request).language,
                actor=actor,
                now=now,
                born_on=born_on,
            )
    except Invalid as error:
        return _again(request, runtime, actor, shift_id=shift_id, form=form, error=error)
    return see_other(request, f"{SHIFTS}/{line.id}/dank?{urlencode({'stand': outcome})}")


@router.get(SHIFTS + "/{shift_id}/dank")
def show_signed_up(
    request: Request, runtime: RuntimeDep, actor: Anyone, shift_id: str, stand: str = "accepted"
) -> Response:
    """Say that a mail is on its way; the same for everybody."""
    del actor
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = _public_line(session, shift_id)
    content = SignedUpPage(
        shift=shift_card(line, visit_of(request).language, now=now),
        outcome=stand if stand in {"applied", "waitlisted"} else "accepted",  # type: ignore[arg-type]  # one of the three
        mailbox_url=runtime.settings.mailbox_url if runtime.settings.demo else "",
    )
    return page(request, content, now=now)


def _sign_up_known(
    request: Request, runtime: Runtime, actor: Actor, *, person_id: UUID, shift_id: str, form: FormData
) -> Response:
    reader = Reader(form, [])
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line = _public_line(session, shift_id)
        born_on = read_birth_date(reader, optional=True) if line.minimum_age is not None else None
        reader.done()
        operations.sign_up(
            session,
            placement_id=read_id(reader.text("placement_id")),
            volunteer_id=person_id,
            shift_id=line.id,
            locale=visit_of(request).language,
            actor=actor,
            now=now,
            born_on=born_on,
        )
        known = queries.placement_of(session, volunteer_id=person_id, shift_id=line.id)
    where = known.id if known else read_id(reader.text("placement_id"))
    return see_other(request, links.own_placement_path(where, runtime.keys))


def _again(
    request: Request, runtime: Runtime, actor: Actor, *, shift_id: str, form: FormData, error: Invalid
) -> Response:
    language = visit_of(request).language
    typed = typed_values(form, "placement_id", "name", "email", "born_on")
    shown = Form(values=typed, errors=refusals(all_errors(error), language))
    asks_age = any(isinstance(one, BirthDateMissing | TooYoung) for one in all_errors(error))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = _public_line(session, shift_id)
        content = _shift_page(session, request, runtime, line=line, actor=actor, form=shown, now=now, asks_age=asks_age)
    return page(request, content, now=now, status=400)


def _public_line(session: Session, shift_id: str) -> ShiftLine:
    """Return the shift when its initiative is one that takes help, or took it; raise ShiftNotFound."""
    try:
        line = roles.shift(session, shift_id=UUID(shift_id))
    except ValueError as error:
        raise ShiftNotFound from error
    # Whoever has the address of a shift may read that it was called off, but not that a draft exists.
    if line.initiative_state not in HELPABLE | {"suspended", "unfunded"} and line.cancelled_at is None:
        raise ShiftNotFound
    return line


def _shift_page(
    session: Session,
    request: Request,
    runtime: Runtime,
    *,
    line: ShiftLine,
    actor: Actor,
    form: Form,
    now: datetime,
    asks_age: bool = False,
) -> ShiftPage:
    language = visit_of(request).language
    role = roles.role(session, role_id=line.role_id)
    own = side = None
    if actor.person_id is not None:
        own = queries.placement_of(session, volunteer_id=actor.person_id, shift_id=line.id)
        side = queries.volunteer_side(session, volunteer_id=actor.person_id, now=now)
    # Somebody whose birthday we know is not asked for it again.
    asks_age = asks_age or (line.minimum_age is not None and (side is None or side.born_on is None))
    is_on_list = own is not None and own.state not in LEFT
    names = {skill_id: en if language == "en" else nl for skill_id, _slug, nl, en, _required in role.skills}
    return ShiftPage(
        shift=shift_card(line, language, now=now),
        description=role.description,
        required_skills=tuple(names[one[0]] for one in role.skills if one[4]),
        desired_skills=tuple(names[one[0]] for one in role.skills if not one[4]),
        required_languages=_spoken(role.required_languages, language),
        desired_languages=_spoken(role.desired_languages, language),
        minimum_crew=line.minimum_crew,
        placement_id=form.value("placement_id") or str(new_id()),
        form=form,
        is_signed_in=actor.is_signed_in,
        asks_birth_date=asks_age,
        own_href=links.own_placement_path(own.id, runtime.keys) if own and is_on_list else "",
        fit=_fit(session, line=line, side=side, names=names, now=now)
        if side and side.home and not is_on_list
        else None,
    )


def _fit(session: Session, *, line: ShiftLine, side: VolunteerSide, names: dict[int, str], now: datetime) -> Fit | None:
    other = queries.shift_side(session, shift_id=line.id)
    if other is None:
        return None
    wider = vocabulary.parents(session)
    reckoned = score(side, other, parents=wider, policy=queries.policy(session), now=now)
    return fit_view(reckoned, failures=failures(side, other, parents=wider, now=now), skills=tuple(names.items()))


def _spoken(mask: int, language: Language) -> tuple[str, ...]:
    return tuple(one.label_en if language == "en" else one.label_nl for one in languages_in(mask))
