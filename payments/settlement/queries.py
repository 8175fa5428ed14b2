"""Reading settlements."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge
from payments.collection.models import Charge
from payments.collection.rules import FINAL
from payments.payouts.models import Refund
from payments.settlement.models import Settlement


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the settlement of one campaign is: charges and cents, planned and collected."""

    planned_count: int
    planned_cents: int
    collected_count: int
    collected_cents: int
    open_count: int
    collect_until: datetime
    finished_at: datetime | None


_UNFINISHED = select(Settlement.initiative_id).where(Settlement.finished_at.is_(None)).order_by(Settlement.planned_at)
_PROGRESS = (
    select(
        Settlement.planned_count,
        Settlement.planned_cents,
        func.count(Charge.pledge_id).filter(Charge.state == "succeeded").label("collected_count"),
        func.coalesce(func.sum(Charge.amount_cents).filter(Charge.state == "succeeded"), 0).label("collected_cents"),
        func.count(Charge.pledge_id).filter(Charge.state.not_in(FINAL)).label("open_count"),
        Settlement.collect_until,
        Settlement.finished_at,
    )
    .outerjoin(Charge, Charge.initiative_id == Settlement.initiative_id)
    .where(Settlement.initiative_id == bindparam("initiative_id"))
    .group_by(Settlement.initiative_id)
)


def unfinished(session: Session) -> list[UUID]:
    """Return the campaigns whose settlement was planned and has not ended, oldest first."""
    return list(session.scalars(_UNFINISHED))


def progress(session: Session, *, initiative_id: UUID) -> Progress | None:
    """Return how far the settlement of a campaign is, or None before it was planned."""
    row = session.execute(_PROGRESS, {"initiative_id": initiative_id}).first()
    if row is None:
        return None
    return Progress(**{**row._asdict(), "collected_cents": int(row.collected_cents)})


_UNTIL = select(Settlement.collect_until).where(Settlement.initiative_id == bindparam("initiative_id"))


def collecting_until(session: Session, *, initiative_id: UUID) -> datetime | None:
    """Return until when the charges of a campaign are tried, or None before they were planned."""
    return session.execute(_UNTIL, {"initiative_id": initiative_id}).scalar_one_or_none()


_LATE = (
    select(Charge.pledge_id)
    .join(Settlement, Settlement.initiative_id == Charge.initiative_id)
    .where(Settlement.finished_at.is_not(None))
    .order_by(Charge.pledge_id)
    .limit(literal_column("200"))
)
_REFUSED_LATE = _LATE.where(Charge.state.in_(("declined", "needs_action", "created")))
_PAID_LATE = (
    _LATE.where(Charge.state == "succeeded", Charge.succeeded_at > Settlement.finished_at)
    .join(Pledge, Pledge.id == Charge.pledge_id)
    .outerjoin(Refund, Refund.pledge_id == Charge.pledge_id)
    .where(Pledge.state == "collected", Refund.id.is_(None))
)


def refused_late(session: Session) -> list[UUID]:
    """Return pledges whose bank refused a debit after their campaign was decided without it; at most 200."""
    return list(session.scalars(_REFUSED_LATE))


def paid_late(session: Session, *, initiative_id: UUID | None = None) -> list[UUID]:
    """Return pledges (of one campaign) whose bank paid after collecting ended, and no refund is planned."""
    late = _PAID_LATE if initiative_id is None else _PAID_LATE.where(Charge.initiative_id == initiative_id)
    return list(session.scalars(late))
