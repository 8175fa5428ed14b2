"""One shift, for the initiative's own people: who comes, whom to ask next, how many places, and how it went."""

from datetime import datetime
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from crowd.initiatives.queries import CampaignFactsRow
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, msg
from crowd.shared.ids import new_id
from frontend.answers import page, see_other
from frontend.forms import Fields
from frontend.i18n import refusals
from frontend.pages.launch import read_id
from frontend.pages.planning import PLANNING, Planner, planned_campaign
from frontend.runtime import Runtime, RuntimeDep
from frontend.shift_cards import fit_view, shift_card
from frontend.views.forms import Form
from frontend.views.volunteering import BoardPage, Candidate, PersonLine, PlacementState, WaveView
from frontend.visit import visit_of
from frontend.volunteer_forms import Reader, all_errors, read_people, typed_values
from matching.placements import operations, queries, shift_operations, suggestions, wave_operations, wave_queries
from matching.placements.day_queries import minutes_of
from matching.placements.day_rules import written_hours
from matching.placements.rules import CORRECT_WITHIN, TAKES_PLACE, PlacementNotFound
from matching.placements.wave_rules import accept_rate, is_near, more_to_ask
from matching.placements.wave_workflow import ask_for_shift
from matching.roles.queries import ShiftLine, shift
from matching.roles.rules import ShiftNotFound
from matching.volunteers.queries import names_of

router: Final = APIRouter()


@router.get(PLANNING + "/{shift_id}")
def show_board(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID) -> Response:
    """Show who is in, asked, waiting or cannot; and the ten people who fit best."""
    return _board(request, runtime, actor, slug=slug, shift_id=shift_id)


@router.post(PLANNING + "/{shift_id}/plaatsen")
def change_places(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, form: Fields
) -> Response:
    """Change how many people are needed and where they meet."""
    reader = Reader(form, [])
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
            capacity, minimum_crew, meeting_point = read_people(reader)
            reader.done()
            shift_operations.change_people(
                session,
                shift_id=shift_id,
                capacity=capacity,
                minimum_crew=minimum_crew,
                meeting_point=meeting_point,
                actor=actor,
                now=now,
            )
    except Invalid as error:
        return _board(request, runtime, actor, slug=slug, shift_id=shift_id, form=form, error=error)
    return to_board(request, slug, shift_id, said=msg("The shift is changed."))


@router.post(PLANNING + "/{shift_id}/afgelasting")
def call_off(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, form: Fields
) -> Response:
    """Call the shift off; everybody on its list gets a message."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        reason = Reader(form, []).text("reason")[:500]
        told = shift_operations.cancel_shift(session, shift_id=shift_id, actor=actor, now=now, reason=reason)
    said = msg("The shift is called off. {count} people get a message.")
    return see_other(request, PLANNING.format(slug=slug), said=said, facts={"count": told})


# --- People ---------------------------------------------------------------------------------------------------


@router.post(PLANNING + "/{shift_id}/uitnodigingen")
def invite(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, form: Fields) -> Response:
    """Ask one of the people who fit."""
    reader = Reader(form, [])
    person_id, placement_id = read_id(reader.text("person_id")), read_id(reader.text("placement_id"))
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        operations.invite(
            session, placement_id=placement_id, volunteer_id=person_id, shift_id=shift_id, actor=actor, now=now
        )
    return to_board(request, slug, shift_id, said=msg("The invitation is on its way."))


@router.post(PLANNING + "/{shift_id}/volgende")
def ask_next(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, form: Fields
) -> Response:
    """Ask whoever fits best of those not asked yet."""
    placement_id = read_id(Reader(form, []).text("placement_id"))
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        wave_operations.ask_next(session, placement_id=placement_id, shift_id=shift_id, actor=actor, now=now)
    return to_board(request, slug, shift_id, said=msg("The invitation is on its way."))


@router.post(PLANNING + "/{shift_id}/golf")
def start_wave(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, form: Fields
) -> Response:
    """Ask the best, as many as the places need, and whoever comes after them by itself."""
    wave_id = read_id(Reader(form, []).text("wave_id"))
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        wave_operations.start_wave(session, wave_id=wave_id, shift_id=shift_id, actor=actor, now=now)
    asked = ask_for_shift(runtime.database, runtime.clock, shift_id=shift_id)
    said = msg("{count} people are asked. Whoever cannot or does not answer is followed by the next.")
    return see_other(request, f"{PLANNING.format(slug=slug)}/{shift_id}", said=said, facts={"count": asked})


@router.post(PLANNING + "/{shift_id}/golf/einde")
def stop_wave(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID) -> Response:
    """Ask nobody more by itself."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        wave_operations.stop_wave(session, shift_id=shift_id, actor=actor, now=now)
    return to_board(request, slug, shift_id, said=msg("Nobody more is asked. Who was asked can still answer."))


@router.post(PLANNING + "/{shift_id}/aanmeldingen/{placement_id}/intrekking")
def take_back(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID
) -> Response:
    """Withdraw an invitation."""
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        operations.take_back(session, placement_id=placement_id, actor=actor, now=now)
    return to_board(request, slug, shift_id, said=msg("The invitation is withdrawn."))


@router.post(PLANNING + "/{shift_id}/aanmeldingen/{placement_id}/toezegging")
def approve(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID, form: Fields
) -> Response:
    """Say yes to somebody who offered to help."""
    has_seen = bool(Reader(form, []).text("has_seen_document"))
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        operations.approve(session, placement_id=placement_id, actor=actor, now=now, has_seen_document=has_seen)
    return to_board(request, slug, shift_id, said=msg("Accepted. They get a message."))


@router.post(PLANNING + "/{shift_id}/aanmeldingen/{placement_id}/afwijzing")
def refuse(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID
) -> Response:
    """Say no to somebody who offered to help."""
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        operations.refuse(session, placement_id=placement_id, actor=actor, now=now)
    return to_board(request, slug, shift_id, said=msg("Declined. They get a message."))


@router.post(PLANNING + "/{shift_id}/aanmeldingen/{placement_id}/aanwezigheid")
def record_attendance(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, shift_id: UUID, placement_id: UUID, form: Fields
) -> Response:
    """Write down whether somebody came."""
    came = Reader(form, []).text("came") == "yes"
    with runtime.database.transaction() as session:
        now = check_on_list(runtime, session, slug=slug, actor=actor, shift_id=shift_id, placement_id=placement_id)
        operations.record_attendance(session, placement_id=placement_id, came=came, actor=actor, now=now)
    return to_board(request, slug, shift_id, said=msg("Written down."))


def check_on_list(
    runtime: Runtime, session: Session, *, slug: str, actor: Actor, shift_id: UUID, placement_id: UUID
) -> datetime:
    """Return business time when the placement is on this shift of an initiative the actor plans for."""
    line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
    if queries.placement(session, placement_id=placement_id).shift_id != shift_id:
        raise PlacementNotFound
    return runtime.clock.now(session)


def to_board(request: Request, slug: str, shift_id: UUID, *, said: str) -> Response:
    """Return to the board, which says this once."""
    return see_other(request, f"{PLANNING.format(slug=slug)}/{shift_id}", said=said)


def _board(
    request: Request,
    runtime: Runtime,
    actor: Actor,
    *,
    slug: str,
    shift_id: UUID,
    form: FormData | None = None,
    error: Invalid | None = None,
) -> Response:
    language = visit_of(request).language
    base = f"{PLANNING.format(slug=slug)}/{shift_id}"
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = line_of(session, planned_campaign(session, slug=slug, actor=actor), shift_id=shift_id)
        people = queries.on_shifts(session, shift_ids=[shift_id]).get(shift_id, [])
        candidates = _candidates(session, line, now=now) if line.is_open(now) and line.free else ()
        wave = _wave(session, line, now=now) if line.is_open(now) else None
        minutes = minutes_of(session, shift_id=shift_id)
    values = {
        "capacity": str(line.capacity),
        "minimum_crew": str(line.minimum_crew),
        "meeting_point": line.meeting_point,
    }
    if form is not None:
        values = typed_values(form, *values)
    content = BoardPage(
        slug=slug,
        base=base,
        shift=shift_card(line, language, now=now, href=base),
        minimum_crew=line.minimum_crew,
        people=tuple(
            PersonLine(
                base=f"{base}/aanmeldingen/{one.placement_id}",
                name=one.name if one.state in TAKES_PLACE or one.origin == "own" else _first_name(one.name),
                # Whoever said yes, or offered to come, wants to be reached; whoever was only asked does not.
                email=one.email if one.state in TAKES_PLACE or one.state in {"applied", "waitlisted"} else "",
                state=cast("PlacementState", one.state),
                changed_at=one.changed_at,
                expires_at=one.expires_at,
                hours=written_hours(minutes[one.placement_id]) if one.placement_id in minutes else "",
            )
            for one in people
        ),
        candidates=candidates,
        form=Form(values=values, errors=refusals(all_errors(error), language) if error else {}),
        is_over=line.ends_at <= now,
        wave=wave,
        next_id=str(new_id()),
        may_correct=line.ends_at <= now <= line.ends_at + CORRECT_WITHIN,
    )
    return page(request, content, now=now, status=400 if error else 200)


def _candidates(session: Session, line: ShiftLine, *, now: datetime) -> tuple[Candidate, ...]:
    found = suggestions.volunteers_for(session, shift_id=line.id, policy=queries.policy(session), now=now)
    names = names_of(session, person_ids=[hit.id for hit in found])
    return tuple(
        Candidate(
            person_id=str(hit.id),
            placement_id=str(new_id()),
            name=_first_name(names.get(hit.id, "")),
            fit=fit_view(hit.score),
        )
        for hit in found
    )


def _wave(session: Session, line: ShiftLine, *, now: datetime) -> WaveView:
    running = wave_queries.running_wave(session, shift_id=line.id)
    own, town = wave_queries.answers_before(
        session, municipality_id=line.municipality_id, initiative_id=line.initiative_id, now=now
    )
    rate = accept_rate(own=own, town=town)
    return WaveView(
        runs=running is not None,
        is_near=is_near(starts_at=line.starts_at, now=now),
        wanted=more_to_ask(wave_queries.wave_facts(session, line=line, now=now), rate=rate),
        rate_percent=int(rate * 100),
        wave_id=str(new_id()),
        started_at=running.started_at if running else None,
    )


def _first_name(name: str) -> str:
    return name.partition(" ")[0]


def line_of(session: Session, campaign: CampaignFactsRow, *, shift_id: UUID) -> ShiftLine:
    """Return the shift when it is one of this initiative; raise ShiftNotFound."""
    line = shift(session, shift_id=shift_id)
    if line.initiative_id != campaign.id:
        raise ShiftNotFound
    return line
