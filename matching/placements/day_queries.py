"""Reading what the day of a shift asks: whom to remind and to thank, and the hours somebody has."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from matching.placements.day_rules import THANK_WITHIN, Helped, length
from matching.placements.models import Placement
from matching.roles.models import Role, Shift

DUE_AT_ONCE = 200

_begins = func.lower(Placement.during, type_=DateTime(timezone=True))
_ends = func.upper(Placement.during, type_=DateTime(timezone=True))


def maybe_to_remind(session: Session, *, now: datetime, until: datetime) -> list[UUID]:
    """Return who has a place on a shift that begins between `now` and `until` and was not reminded, the soonest first.

    Whether to remind them is `day_rules.is_reminder_due`.
    """
    return list(
        session.scalars(
            select(Placement.id)
            .where(Placement.state == "accepted", Placement.reminded_at.is_(None), _begins > now, _begins <= until)
            .order_by(_begins, Placement.id)
        )
    )


def maybe_to_thank(session: Session, *, now: datetime) -> list[UUID]:
    """Return who helped lately and was not thanked, a bounded number, the longest ago first."""
    return list(
        session.scalars(
            select(Placement.id)
            .where(
                Placement.state == "completed",
                Placement.thanked_at.is_(None),
                _ends > now - THANK_WITHIN,
                _ends <= now,
            )
            .order_by(_ends, Placement.id)
            .limit(DUE_AT_ONCE)
        )
    )


def helped_by(session: Session, *, volunteer_id: UUID) -> list[Helped]:
    """Return every shift this person completed, the earliest first, with how long they helped."""
    rows = session.execute(
        select(
            Placement.id,
            Shift.initiative_id,
            Initiative.title,
            Role.title.label("role"),
            _begins.label("starts_at"),
            _ends.label("ends_at"),
            Placement.minutes,
        )
        .join(Shift, Shift.id == Placement.shift_id)
        .join(Role, Role.id == Shift.role_id)
        .join(Initiative, Initiative.id == Shift.initiative_id)
        .where(Placement.volunteer_id == volunteer_id, Placement.state == "completed")
        .order_by(_begins, Placement.id)
    )
    return [
        Helped(
            placement_id=row.id,
            initiative_id=row.initiative_id,
            initiative=row.title,
            role=row.role,
            starts_at=row.starts_at,
            minutes=row.minutes or length(row.starts_at, row.ends_at),
        )
        for row in rows
    ]


def minutes_of(session: Session, *, shift_id: UUID) -> dict[UUID, int]:
    """Return placement -> minutes, for everybody of this shift who completed it."""
    rows = session.execute(
        select(Placement.id, Placement.minutes, _begins, _ends).where(
            Placement.shift_id == shift_id, Placement.state == "completed"
        )
    )
    return {row[0]: row[1] or length(row[2], row[3]) for row in rows}
