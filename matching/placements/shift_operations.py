"""What is done with a whole shift and its list: calling it off, changing its places, offering the free ones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor, system
from matching.placements import queries, rules
from matching.placements.models import Placement
from matching.placements.steps import CANCELLED, INVITED, WITHDRAWN, locked_shift, move, tell, wake_wave
from matching.roles import operations as shifts


def cancel_shift(session: Session, *, shift_id: UUID, actor: Actor, now: datetime, reason: str = "") -> int:
    """Call a shift off and tell everybody on its list; return how many that were.

    Raises ShiftNotFound, ShiftIsCancelled, ShiftIsOver.
    """
    shifts.mark_cancelled(session, shift_id=shift_id, actor=actor, now=now, reason=reason)
    told = 0
    for placement_id in session.scalars(
        select(Placement.id)
        .where(Placement.shift_id == shift_id, Placement.state.in_(sorted(rules.AWAITS | {"accepted"})))
        .order_by(Placement.id)
    ).all():
        known = queries.placement(session, placement_id=placement_id)
        to = "cancelled" if known.state == "accepted" else "expired" if known.state == "waitlisted" else "withdrawn"
        step = move(session, known, to=to, actor=actor, now=now, reason=reason)
        if known.state == "accepted":
            shifts.free_place(session, shift_id=shift_id)
        tell(session, known, CANCELLED if known.state == "accepted" else WITHDRAWN, step=step)
        told += 1
    return told


def change_people(
    session: Session,
    *,
    shift_id: UUID,
    capacity: int,
    minimum_crew: int,
    meeting_point: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a shift's number of places, and offer the new ones to the waiting list. Raises what roles' own does."""
    shifts.change_people(
        session,
        shift_id=shift_id,
        capacity=capacity,
        minimum_crew=minimum_crew,
        meeting_point=meeting_point,
        actor=actor,
        now=now,
    )
    offer_places(session, shift_id=shift_id, now=now)


def offer_places(session: Session, *, shift_id: UUID, now: datetime) -> int:
    """Invite from the waiting list for every free place that is not on offer yet; return how many. Holds the shift.

    What is left after them is for the wave that asks for this shift, if one runs: it looks again at once.
    """
    line = locked_shift(session, shift_id=shift_id)
    wake_wave(session, shift_id=shift_id)
    if not line.is_open(now):
        return 0
    offers = 0
    for _ in range(line.free - queries.offered(session, shift_id=shift_id)):
        waiting = queries.next_waiting(session, shift_id=shift_id)
        if waiting is None:
            break
        known = queries.placement(session, placement_id=waiting)
        answer_by = rules.answer_by(now=now, starts_at=line.starts_at)
        step = move(
            session,
            known,
            to="invited",
            actor=system(known.municipality_id),
            now=now,
            expires_at=answer_by,
            asked_at=now,
        )
        tell(session, known, INVITED, step=step)
        offers += 1
    return offers
