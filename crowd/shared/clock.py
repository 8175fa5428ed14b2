"""The two clocks.

*Machine* time is what the computer says: sessions, links, leases, rate limits. *Business* time is what the
campaigns live by: deadlines, terms, dunning, invitations. They differ only in a demonstration, where one row
holds an offset that every process reads, so that a month can pass in a minute. Nothing else reads the time.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, DateTime, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowd.shared.db import Base
from crowd.shared.errors import Forbidden, Invalid, msg

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MAX_JUMP = timedelta(days=400)


class ClockOffset(Base):
    """The single row that says how far business time runs ahead of machine time, in a demonstration."""

    __tablename__ = "clock_offset"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("seconds >= 0", name="never_back"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    seconds: Mapped[int] = mapped_column(default=0)
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ClockIsFixed(Forbidden):
    """Outside a demonstration nobody moves the clock."""

    sentence = msg("The clock can only be moved in a demonstration.")


class JumpTooFar(Invalid):
    """The clock moves forward only, and not further than a year at once."""

    sentence = msg("The clock can move forward by at most {days} days at a time.")


_OFFSET = select(ClockOffset.seconds).where(ClockOffset.id == 1)


def machine_now() -> datetime:
    """Return the computer's time, aware, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Business time as this installation lives it. `movable` is true only in a demonstration."""

    def __init__(self, *, movable: bool) -> None:
        self.movable = movable

    def now(self, session: Session) -> datetime:
        """Return business time, aware, in UTC. Costs one small query in a demonstration, else nothing."""
        if not self.movable:
            return machine_now()
        return machine_now() + timedelta(seconds=self.offset_seconds(session))

    def offset_seconds(self, session: Session) -> int:
        """Return how many whole seconds business time runs ahead; 0 outside a demonstration."""
        return (session.execute(_OFFSET).scalar_one_or_none() or 0) if self.movable else 0

    def advance(self, session: Session, *, by: timedelta) -> int:
        """Move business time forward by `by` and return the new offset in whole seconds.

        Raises ClockIsFixed outside a demonstration, JumpTooFar when `by` is negative or above `MAX_JUMP`.
        """
        if not self.movable:
            raise ClockIsFixed
        if not timedelta(0) <= by <= MAX_JUMP:
            raise JumpTooFar(days=MAX_JUMP.days)
        session.execute(insert(ClockOffset).values(id=1, seconds=0).on_conflict_do_nothing())
        return session.execute(
            update(ClockOffset)
            .where(ClockOffset.id == 1)
            .values(seconds=ClockOffset.seconds + bindparam("by"), moved_at=func.now())
            .returning(ClockOffset.seconds),
            {"by": int(by.total_seconds())},
        ).scalar_one()


def local_midnight(day: date) -> datetime:
    """Return the instant at which `day` begins in the Netherlands, in UTC.

    A campaign that ends on 11 December ends when the 12th begins: `local_midnight(ends_on + 1 day)`.
    """
    return datetime.combine(day, time(), tzinfo=AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the instant at which `day` is over in the Netherlands, in UTC."""
    return local_midnight(day + timedelta(days=1))


def local_date(instant: datetime) -> date:
    """Return the calendar day in the Netherlands on which `instant` falls."""
    return instant.astimezone(AMSTERDAM).date()
