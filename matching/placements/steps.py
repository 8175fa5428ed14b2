"""One step on a placement's road: locks in the one order, the row, who and when, and who hears of it.

Whoever changes a placement first locks the volunteer when they may be accepted, then the shift, and reads the
placement only then: in that order everywhere, so two of these never wait for each other. That a shift is never
overfull and nobody is in two places stands in the database; here it gets its sentence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.errors import ExclusionViolation
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from matching.placements import queries, rules
from matching.placements.models import Placement, PlacementTransition, Wave
from matching.placements.queries import PlacementFacts
from matching.roles import operations as shifts
from matching.roles.queries import ShiftLine, shift
from matching.volunteers.operations import lock_volunteer

# What each kind of message is about, and to whom: the door that writes mails knows a template for each.
ACCEPTED: Final = "placement.accepted"
JOINED: Final = "placement.joined"
APPLIED: Final = "placement.applied"
APPLICATION: Final = "placement.application"
WAITLISTED: Final = "placement.waitlisted"
INVITED: Final = "placement.invited"
DECLINED: Final = "placement.declined"
NOT_CHOSEN: Final = "placement.not_chosen"
EXPIRED: Final = "placement.expired"
SILENT: Final = "placement.silent"
CANCELLED: Final = "placement.cancelled"
LEFT: Final = "placement.left"
WITHDRAWN: Final = "placement.withdrawn"
NOT_PLACED: Final = "placement.not_placed"
REMINDER: Final = "placement.reminder"
THANKS: Final = "placement.thanks"


def take_part(session: Session, known: PlacementFacts, *, actor: Actor, now: datetime) -> None:
    """Take a place and accept. Raises ShiftIsFull, Overlaps."""
    if not shifts.take_place(session, shift_id=known.shift_id, now=now):
        raise rules.ShiftIsFull
    with _one_place_at_a_time(session):
        step = move(session, known, to="accepted", actor=actor, now=now)
    tell(session, known, ACCEPTED, step=step)
    tell(session, known, JOINED, step=step)


@contextmanager
def _one_place_at_a_time(session: Session) -> Iterator[None]:
    """Translate the database's refusal of an overlap. Raises Overlaps."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        if isinstance(error.orig, ExclusionViolation):
            raise rules.Overlaps from error
        raise


def create(
    session: Session,
    line: ShiftLine,
    placement_id: UUID,
    volunteer_id: UUID,
    *,
    state: str,
    locale: str,
    actor: Actor,
    now: datetime,
) -> PlacementFacts:
    """Store a new placement with its first step: `applied` by own wish, or `invited`."""
    waits = rules.decide_by if state == "applied" else rules.answer_by
    values: dict[str, Any] = {
        "id": placement_id,
        "municipality_id": line.municipality_id,
        "volunteer_id": volunteer_id,
        "shift_id": line.id,
        "state": state,
        "locale": locale,
        "origin": "own" if state == "applied" else "asked",
        "during": Range(line.starts_at, line.ends_at, bounds="[)"),
        "created_at": now,
        "changed_at": now,
        "expires_at": waits(now=now, starts_at=line.starts_at),
    }
    session.execute(insert(Placement).values(**values))
    made = queries.placement(session, placement_id=placement_id)
    _note(session, made, before=None, to=state, actor=actor, now=now, reason="")
    return made


def move(
    session: Session,
    known: PlacementFacts,
    *,
    to: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    expires_at: datetime | None = None,
    **values: Any,  # noqa: ANN401  columns of the placement that change along
) -> int:
    """Bring a placement along one edge of the table; return the id of the step, which names its messages."""
    before = session.execute(select(Placement.state).where(Placement.id == known.id)).scalar_one()
    rules.check_transition(current=before, to=to)
    session.execute(
        update(Placement)
        .where(Placement.id == known.id)
        .values(state=to, changed_at=now, expires_at=expires_at, **values)
    )
    return _note(session, known, before=before, to=to, actor=actor, now=now, reason=reason)


def _note(
    session: Session, known: PlacementFacts, *, before: str | None, to: str, actor: Actor, now: datetime, reason: str
) -> int:
    step = session.execute(
        insert(PlacementTransition)
        .values(
            placement_id=known.id,
            from_state=before,
            to_state=to,
            at=now,
            by_person_id=actor.person_id,
            reason=reason.strip(),
        )
        .returning(PlacementTransition.id)
    ).scalar_one()
    audit.record(
        session,
        actor=actor,
        action=f"placement.became_{to}",
        subject_type="placement",
        subject_id=known.id,
        now=now,
        facts={"from": before, "shift_id": str(known.shift_id)},
    )
    return step


def tell(
    session: Session, known: PlacementFacts, kind: str, *, step: int | None = None, at: datetime | None = None
) -> None:
    """Remember to write about this step; without a step, about this moment. Once for each."""
    mark = str(step) if step is not None else f"{known.id}:{at}"
    outbox.add(session, kind=kind, args={"placement_id": str(known.id)}, dedupe_key=f"{kind}:{mark}")


def wake_wave(session: Session, *, shift_id: UUID) -> None:
    """End the rest of the wave that runs for this shift, if one does: something changed on its list."""
    session.execute(
        update(Wave)
        .where(Wave.shift_id == shift_id, Wave.ended_at.is_(None), Wave.rests_until.is_not(None))
        .values(rests_until=None)
    )


def locked_shift(session: Session, *, shift_id: UUID) -> ShiftLine:
    """Return the shift, held until the transaction ends. Raises ShiftNotFound."""
    shifts.lock_shift(session, shift_id=shift_id)
    return shift(session, shift_id=shift_id)


def locked_placement(session: Session, *, placement_id: UUID) -> tuple[ShiftLine, PlacementFacts]:
    """Return a placement as it is while its shift is held. Raises PlacementNotFound."""
    line = locked_shift(session, shift_id=queries.placement(session, placement_id=placement_id).shift_id)
    return line, queries.placement(session, placement_id=placement_id)


def locked_with_volunteer(session: Session, *, placement_id: UUID) -> tuple[ShiftLine, PlacementFacts]:
    """Return a placement while its volunteer and its shift are held: for who may be accepted."""
    lock_volunteer(session, person_id=queries.placement(session, placement_id=placement_id).volunteer_id)
    return locked_placement(session, placement_id=placement_id)
