"""Who helps where: signing up, inviting, answering, leaving, and how it went. Each act is made of `steps.py`.

Each is about one person on one shift; what is done with a whole shift and its list stands in `shift_operations.py`.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from crowd.accounts.operations import find_or_add_person
from crowd.accounts.queries import person
from crowd.shared import outbox
from crowd.shared.actor import Actor, system
from crowd.shared.clock import local_date
from matching.placements import queries, rules
from matching.placements.models import Placement
from matching.placements.queries import PlacementFacts
from matching.placements.score import failures, score
from matching.placements.shift_operations import offer_places
from matching.placements.steps import (
    APPLICATION,
    APPLIED,
    CANCELLED,
    DECLINED,
    EXPIRED,
    INVITED,
    LEFT,
    NOT_CHOSEN,
    NOT_PLACED,
    SILENT,
    WAITLISTED,
    WITHDRAWN,
    create,
    locked_placement,
    locked_shift,
    locked_with_volunteer,
    move,
    take_part,
    tell,
)
from matching.placements.wave_queries import running_wave
from matching.roles import operations as shifts
from matching.roles.queries import ShiftLine, shift
from matching.roles.rules import NoHelpNow, OtherContent, check_is_ahead
from matching.vocabulary.queries import parents
from matching.volunteers.operations import ensure_volunteer, lock_volunteer, record_credential
from matching.volunteers.queries import credential_counts
from matching.volunteers.queries import profile as stored_profile
from matching.volunteers.rules import age_on, check_birth_date

Outcome = Literal["accepted", "applied", "waitlisted"]


def sign_up(
    session: Session,
    *,
    placement_id: UUID,
    volunteer_id: UUID,
    shift_id: UUID,
    locale: str,
    actor: Actor,
    now: datetime,
    born_on: date | None = None,
) -> str:
    """Put somebody on a shift by their own wish, and return the state that gives.

    Accepted at once when a place is free and no document is asked; on the waiting list when it is full; else the
    organisation answers. The same id again changes nothing. Somebody who was invited accepts by this.
    Raises ShiftNotFound, ShiftIsCancelled, ShiftIsOver, NoHelpNow, TooYoung, BirthDateMissing, AlreadyThere,
    Overlaps, OtherContent.
    """
    line = shift(session, shift_id=shift_id)
    ensure_volunteer(session, person_id=volunteer_id, municipality_id=line.municipality_id, now=now)
    lock_volunteer(session, person_id=volunteer_id)
    line = locked_shift(session, shift_id=shift_id)
    _check_open(line, now)
    _check_age(session, line, volunteer_id=volunteer_id, born_on=born_on, now=now)
    known = queries.placement_of(session, volunteer_id=volunteer_id, shift_id=shift_id)
    if known is None:
        if session.get(Placement, placement_id) is not None:
            raise OtherContent
        known = create(session, line, placement_id, volunteer_id, state="applied", locale=locale, actor=actor, now=now)
    elif known.id == placement_id:
        return known.state
    elif known.state == "invited":
        accept(session, placement_id=known.id, actor=actor, now=now)
        return "accepted"
    else:
        before = queries.state_before(session, placement_id=known.id)
        if not rules.may_return(state=known.state, before=before):
            raise rules.AlreadyThere
        decide_by = rules.decide_by(now=now, starts_at=line.starts_at)
        move(session, known, to="applied", actor=actor, now=now, expires_at=decide_by, origin="own")
        known = queries.placement(session, placement_id=known.id)
    return _settle(session, line, known, actor=actor, now=now)


def sign_up_by_address(
    session: Session,
    *,
    placement_id: UUID,
    shift_id: UUID,
    email: str,
    name: str,
    locale: str,
    actor: Actor,
    now: datetime,
    born_on: date | None = None,
) -> Outcome:
    """Put whoever reads this address on a shift; return what a newcomer would get, whoever it is.

    What really came of it stands in the mail to that address: so nobody learns from the answer whether the address
    is known here, or where its owner is at that time. Raises what `sign_up` does, save AlreadyThere and Overlaps.
    """
    line = shift(session, shift_id=shift_id)
    outcome: Outcome = "applied" if line.needs_credential else "accepted" if line.free else "waitlisted"
    person_id = find_or_add_person(
        session, municipality_id=line.municipality_id, email=email, name=name, locale=locale, now=now
    )
    try:
        with session.begin_nested():
            sign_up(
                session,
                placement_id=placement_id,
                volunteer_id=person_id,
                shift_id=shift_id,
                locale=locale,
                actor=actor,
                now=now,
                born_on=born_on,
            )
    except (rules.AlreadyThere, rules.Overlaps) as refusal:
        outbox.add(
            session,
            kind=NOT_PLACED,
            args={"volunteer_id": str(person_id), "shift_id": str(shift_id), "reason": refusal.code},
            dedupe_key=f"{NOT_PLACED}:{placement_id}",
        )
    return outcome


def invite(
    session: Session, *, placement_id: UUID, volunteer_id: UUID, shift_id: UUID, actor: Actor, now: datetime
) -> None:
    """Ask a volunteer to take a shift. The same id again changes nothing.

    Raises ShiftNotFound, ShiftIsCancelled, ShiftIsOver, NoHelpNow, AlreadyAsked, AskedEnough, and DoesNotFit when
    a hard constraint is broken: nobody is asked what they said they cannot.
    """
    lock_volunteer(session, person_id=volunteer_id)
    line = locked_shift(session, shift_id=shift_id)
    _check_open(line, now)
    known = queries.placement_of(session, volunteer_id=volunteer_id, shift_id=shift_id)
    if known is not None:
        if known.id == placement_id:
            return
        raise rules.AlreadyAsked
    if not rules.may_be_asked(queries.openness(session, volunteer_id=volunteer_id, now=now)):
        raise rules.AskedEnough
    volunteer = queries.volunteer_side(session, volunteer_id=volunteer_id, now=now)
    asked = queries.shift_side(session, shift_id=shift_id)
    wider = parents(session)
    if volunteer is None or asked is None or failures(volunteer, asked, parents=wider, now=now):
        raise rules.DoesNotFit
    policy = queries.policy(session)
    terms = [term.points for term in score(volunteer, asked, parents=wider, policy=policy, now=now).terms]
    asked_person = person(session, person_id=volunteer_id)
    locale = asked_person.locale if asked_person else "nl"
    made = create(session, line, placement_id, volunteer_id, state="invited", locale=locale, actor=actor, now=now)
    session.execute(
        update(Placement)
        .where(Placement.id == made.id)
        .values(asked_at=now, asked_by=actor.person_id, policy_version=policy.version, terms=terms)
    )
    tell(session, made, INVITED, at=now)


def accept(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> None:
    """Say yes to an invitation, and take a place. A second yes changes nothing.

    Raises PlacementNotFound, PlacementCannotBecome, InvitationExpired, ShiftIsCancelled, ShiftIsOver, NoHelpNow,
    ShiftIsFull, Overlaps.
    """
    line, known = locked_with_volunteer(session, placement_id=placement_id)
    if known.state in rules.TAKES_PLACE:
        return
    if known.state != "invited":
        raise rules.InvitationExpired if known.state == "expired" else rules.PlacementCannotBecome
    if known.expires_at is not None and known.expires_at <= now:
        raise rules.InvitationExpired
    _check_open(line, now)
    take_part(session, known, actor=actor, now=now)


def approve(
    session: Session, *, placement_id: UUID, actor: Actor, now: datetime, has_seen_document: bool = False
) -> None:
    """Say yes to an application, as the organisation. Raises what `accept` does, OverlapsForThem, CredentialNotSeen."""
    line, known = locked_with_volunteer(session, placement_id=placement_id)
    if known.state in rules.TAKES_PLACE:
        return
    rules.check_transition(current=known.state, to="accepted")
    if known.state != "applied":
        raise rules.PlacementCannotBecome
    _check_open(line, now)
    if line.needs_credential is not None:
        if not has_seen_document:
            raise rules.CredentialNotSeen(field="has_seen_document")
        record_credential(
            session,
            volunteer_id=known.volunteer_id,
            kind=line.needs_credential,
            seen_on=local_date(now),
            valid_until=None,
            actor=actor,
            now=now,
        )
    try:
        take_part(session, known, actor=actor, now=now)
    except rules.Overlaps as refusal:
        raise rules.OverlapsForThem from refusal


def refuse(session: Session, *, placement_id: UUID, actor: Actor, now: datetime, reason: str = "") -> None:
    """Say no to an application, as the organisation. Raises PlacementNotFound, PlacementCannotBecome."""
    _line, known = locked_placement(session, placement_id=placement_id)
    if known.state != "applied":
        raise rules.PlacementCannotBecome
    step = move(session, known, to="declined", actor=actor, now=now, reason=reason)
    tell(session, known, NOT_CHOSEN, step=step)


def leave(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> str:
    """Say "I am not coming" as the volunteer, and return the state that gives. A second time changes nothing.

    An invitation becomes declined, an application or a wait withdrawn, an accepted place cancelled; then the first
    on the waiting list is offered the place. Raises PlacementNotFound, PlacementCannotBecome, ShiftIsOver.
    """
    line, known = locked_placement(session, placement_id=placement_id)
    if known.state in rules.LEFT:
        return known.state
    to = {"invited": "declined", "applied": "withdrawn", "waitlisted": "withdrawn"}.get(known.state, "cancelled")
    rules.check_transition(current=known.state, to=to)
    check_is_ahead(line.cancelled_at, line.starts_at, now=now)
    step = move(session, known, to=to, actor=actor, now=now)
    if known.state == "accepted":
        shifts.free_place(session, shift_id=known.shift_id)
        tell(session, known, CANCELLED, step=step)
        tell(session, known, LEFT, step=step)
    elif known.state == "invited" and running_wave(session, shift_id=known.shift_id) is None:
        # While a wave runs the next one is asked by itself, and the board counts who cannot: no letter for each.
        tell(session, known, DECLINED, step=step)
    offer_places(session, shift_id=known.shift_id, now=now)
    return to


def join_waiting_list(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> None:
    """Keep somebody who was invited on the waiting list of a shift that filled up meanwhile.

    Raises PlacementNotFound, PlacementCannotBecome, ShiftIsCancelled, ShiftIsOver, NoHelpNow.
    """
    line, known = locked_placement(session, placement_id=placement_id)
    if known.state == "waitlisted":
        return
    _check_open(line, now)
    if line.free > 0:
        raise rules.PlacementCannotBecome
    step = move(session, known, to="waitlisted", actor=actor, now=now, expires_at=line.starts_at, origin="own")
    tell(session, known, WAITLISTED, step=step)


def take_back(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> None:
    """Withdraw an invitation, as the organisation. Raises PlacementNotFound, PlacementCannotBecome."""
    _line, known = locked_placement(session, placement_id=placement_id)
    if known.state != "invited":
        raise rules.PlacementCannotBecome
    step = move(session, known, to="withdrawn", actor=actor, now=now)
    tell(session, known, WITHDRAWN, step=step)
    offer_places(session, shift_id=known.shift_id, now=now)


def expire(session: Session, *, placement_id: UUID, now: datetime) -> bool:
    """End what waited for an answer too long; return whether it did. An answer given just in time stands."""
    line, known = locked_placement(session, placement_id=placement_id)
    if known.state not in rules.AWAITS or known.expires_at is None or known.expires_at > now:
        return False
    step = move(session, known, to="expired", actor=system(known.municipality_id), now=now)
    tell(session, known, EXPIRED, step=step)
    if known.state == "invited" and known.origin == "asked" and running_wave(session, shift_id=line.id) is None:
        tell(session, known, SILENT, step=step)
    offer_places(session, shift_id=known.shift_id, now=now)
    return True


def finish(session: Session, *, placement_id: UUID, now: datetime) -> bool:
    """Count somebody as having come, once the shift is over and nobody said otherwise; return whether it did."""
    line, known = locked_placement(session, placement_id=placement_id)
    if known.state not in rules.OCCUPIES or line.ends_at > now:
        return False
    move(session, known, to="completed", actor=system(known.municipality_id), now=now)
    return True


def record_attendance(session: Session, *, placement_id: UUID, came: bool, actor: Actor, now: datetime) -> None:
    """Write down whether somebody came, after the shift; it may be corrected for two weeks.

    Raises PlacementNotFound, PlacementCannotBecome, NotOverYet, TooLateToCorrect.
    """
    line, known = locked_placement(session, placement_id=placement_id)
    if line.ends_at > now:
        raise rules.NotOverYet
    if now > line.ends_at + rules.CORRECT_WITHIN:
        raise rules.TooLateToCorrect(days=rules.CORRECT_WITHIN.days)
    to = "completed" if came else "no_show"
    if known.state != to:
        move(session, known, to=to, actor=actor, now=now)


def _settle(session: Session, line: ShiftLine, known: PlacementFacts, *, actor: Actor, now: datetime) -> str:
    """Decide about a fresh application: a place, the waiting list, or the organisation's answer."""
    needs = line.needs_credential
    if needs and not credential_counts(
        session, volunteer_id=known.volunteer_id, kind=needs, on=local_date(line.starts_at)
    ):
        tell(session, known, APPLIED, at=now)
        tell(session, known, APPLICATION, at=now)
        return "applied"
    # A free place that was offered to somebody on the waiting list is theirs until they answer.
    if line.free > queries.offered(session, shift_id=line.id):
        take_part(session, known, actor=actor, now=now)
        return "accepted"
    step = move(session, known, to="waitlisted", actor=actor, now=now, expires_at=line.starts_at)
    tell(session, known, WAITLISTED, step=step)
    return "waitlisted"


def _check_open(line: ShiftLine, now: datetime) -> None:
    check_is_ahead(line.cancelled_at, line.starts_at, now=now)
    if not line.is_open(now):
        raise NoHelpNow


def _check_age(session: Session, line: ShiftLine, *, volunteer_id: UUID, born_on: date | None, now: datetime) -> None:
    if line.minimum_age is None:
        return
    if born_on is not None:
        check_birth_date(born_on, today=local_date(now))
        ensure_volunteer(
            session, person_id=volunteer_id, municipality_id=line.municipality_id, now=now, born_on=born_on
        )
    else:
        stored = stored_profile(session, person_id=volunteer_id)
        born_on = stored.born_on if stored else None
    if born_on is None:
        raise rules.BirthDateMissing(field="born_on", age=line.minimum_age)
    if age_on(born_on, local_date(line.starts_at)) < line.minimum_age:
        raise rules.TooYoung(field="born_on", age=line.minimum_age)
