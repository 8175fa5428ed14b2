"""The day of a shift: being there, being reminded and thanked, and how long somebody helped."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowd.shared import audit
from crowd.shared.actor import Actor
from matching.placements import day_rules, rules
from matching.placements.models import Placement
from matching.placements.steps import REMINDER, THANKS, locked_placement, move, tell


def check_in(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> None:
    """Note that somebody is there. A second time changes nothing.

    Raises PlacementNotFound, NotOnTheList when they have no place, NotYetOpen, CheckInIsOver.
    """
    line, known = locked_placement(session, placement_id=placement_id)
    if known.state in {"checked_in", "completed"}:
        return
    if known.state != "accepted":
        raise day_rules.NotOnTheList
    day_rules.check_window(starts_at=line.starts_at, ends_at=line.ends_at, now=now)
    move(session, known, to="checked_in", actor=actor, now=now)


def undo_check_in(session: Session, *, placement_id: UUID, actor: Actor, now: datetime) -> None:
    """Take back that somebody is there, as the one at the desk. A second time changes nothing.

    Raises PlacementNotFound, PlacementCannotBecome, CheckInIsOver.
    """
    line, known = locked_placement(session, placement_id=placement_id)
    if known.state == "accepted":
        return
    rules.check_transition(current=known.state, to="accepted")
    if known.state != "checked_in":
        raise rules.PlacementCannotBecome
    day_rules.check_window(starts_at=line.starts_at, ends_at=line.ends_at, now=now)
    move(session, known, to="accepted", actor=actor, now=now)


def correct_hours(session: Session, *, placement_id: UUID, minutes: int, actor: Actor, now: datetime) -> None:
    """Write down how long somebody helped, after the shift; it may be corrected for two weeks.

    The length of the shift itself is stored as nothing. Raises PlacementNotFound, NotOverYet, TooLateToCorrect,
    BadHours, and PlacementCannotBecome for who was not there.
    """
    line, known = locked_placement(session, placement_id=placement_id)
    if line.ends_at > now:
        raise rules.NotOverYet
    if now > line.ends_at + rules.CORRECT_WITHIN:
        raise rules.TooLateToCorrect(days=rules.CORRECT_WITHIN.days)
    if not 1 <= minutes <= day_rules.MINUTES_MAX:
        raise day_rules.BadHours(field="hours")
    if known.state not in {"checked_in", "accepted", "completed"}:
        raise rules.PlacementCannotBecome
    differs = None if minutes == day_rules.length(line.starts_at, line.ends_at) else minutes
    before = session.execute(select(Placement.minutes).where(Placement.id == placement_id)).scalar_one()
    if before == differs:
        return
    session.execute(update(Placement).where(Placement.id == placement_id).values(minutes=differs))
    audit.record(
        session,
        actor=actor,
        action="placement.hours_corrected",
        subject_type="placement",
        subject_id=placement_id,
        now=now,
        facts={"minutes": minutes, "minutes_before": before},
    )


def remind(session: Session, *, placement_id: UUID, now: datetime) -> bool:
    """Remind somebody of tomorrow's shift, once, when they still come; return whether that was done."""
    line, known = locked_placement(session, placement_id=placement_id)
    is_due = day_rules.is_reminder_due(starts_at=line.starts_at, said_yes_at=known.changed_at, now=now)
    if known.state != "accepted" or not is_due or not _mark(session, placement_id, "reminded_at", now):
        return False
    tell(session, known, REMINDER)
    return True


def thank(session: Session, *, placement_id: UUID, now: datetime) -> bool:
    """Thank somebody who helped, once; return whether that was done."""
    line, known = locked_placement(session, placement_id=placement_id)
    is_due = day_rules.is_thanks_due(ends_at=line.ends_at, now=now)
    if known.state != "completed" or not is_due or not _mark(session, placement_id, "thanked_at", now):
        return False
    tell(session, known, THANKS)
    return True


def _mark(session: Session, placement_id: UUID, column: str, now: datetime) -> bool:
    marked = getattr(Placement, column)
    done = session.execute(
        update(Placement)
        .where(Placement.id == placement_id, marked.is_(None))
        .values({column: now})
        .returning(Placement.id)
    )
    return done.scalar_one_or_none() is not None
