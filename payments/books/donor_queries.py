"""What one donor really gave, and got back: the ledger, read from their side."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Text, bindparam, case, cast, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.shared.clock import local_midnight
from payments.disputes.models import Dispute
from payments.ledger.models import Transfer
from payments.payouts.models import Refund

# Booked on the pledge itself; a refund by card is booked on the refund.
_ON_PLEDGE: Final = ("charge", "deposit_collected", "refund_by_bank")


@dataclass(frozen=True, slots=True)
class GiftMovement:
    """Money of one gift that was really collected, or went back: then `cents` is negative.

    `is_return`: it went back to the donor, or came back to us of what did.
    """

    initiative_id: UUID
    title: str
    pledge_id: UUID
    cents: int
    at: datetime
    is_return: bool = False


_COLUMNS = (Pledge.initiative_id, Pledge.id.label("pledge_id"), Pledge.person_id)
_MOVED = union_all(
    select(
        *_COLUMNS,
        case((Transfer.kind == "refund_by_bank", -Transfer.amount_cents), else_=Transfer.amount_cents).label("cents"),
        Transfer.occurred_at.label("at"),
        (Transfer.kind == "refund_by_bank").label("is_return"),
    ).join(
        Transfer,
        (Transfer.source_type == "pledge")
        & (Transfer.source_id == cast(Pledge.id, Text))
        & Transfer.kind.in_(_ON_PLEDGE),
    ),
    # What came back of a refund was not paid back after all; it stands in the year in which it came back.
    select(
        *_COLUMNS,
        case((Transfer.kind == "refund_failed", Transfer.amount_cents), else_=-Transfer.amount_cents).label("cents"),
        Transfer.occurred_at.label("at"),
        literal(True).label("is_return"),
    )
    .join(Refund, Refund.pledge_id == Pledge.id)
    .join(
        Transfer,
        (Transfer.source_type == "refund")
        & (Transfer.source_id == cast(Refund.id, Text))
        & Transfer.kind.in_(("refund", "refund_failed")),
    ),
    # Taken back by the donor's own bank, whoever bears it in the end.
    select(
        *_COLUMNS,
        (-Transfer.amount_cents).label("cents"),
        Transfer.occurred_at.label("at"),
        literal(True).label("is_return"),
    )
    .join(Dispute, Dispute.pledge_id == Pledge.id)
    .join(
        Transfer,
        (Transfer.source_type == "dispute")
        & (Transfer.source_id == cast(Dispute.id, Text))
        & Transfer.kind.in_(("dispute_lost", "dispute_lost_after_payout")),
    ),
).subquery("moved")
_MOVEMENTS = (
    select(
        _MOVED.c.initiative_id, Initiative.title, _MOVED.c.pledge_id, _MOVED.c.cents, _MOVED.c.at, _MOVED.c.is_return
    )
    .join(Initiative, Initiative.id == _MOVED.c.initiative_id)
    .order_by(Initiative.title, _MOVED.c.initiative_id, _MOVED.c.at, _MOVED.c.pledge_id, _MOVED.c.cents.desc())
)
_IN_YEAR = _MOVEMENTS.where(
    _MOVED.c.person_id == bindparam("person_id"),
    _MOVED.c.at >= bindparam("first"),
    _MOVED.c.at < bindparam("after"),
)
_OF_PLEDGE = _MOVEMENTS.where(_MOVED.c.pledge_id == bindparam("pledge_id"))
_YEARS = (
    select(func.date_part("year", func.timezone(literal_column("'Europe/Amsterdam'"), _MOVED.c.at)).label("year"))
    .where(_MOVED.c.person_id == bindparam("person_id"))
    .distinct()
    .order_by(literal_column("year DESC"))
)


def gifts_in_year(session: Session, *, person_id: UUID, year: int) -> list[GiftMovement]:
    """Return what was collected from a donor and what went back in a Dutch calendar year, by initiative, oldest first.

    A refund stands in the year in which it was paid, whenever the gift was.
    """
    span = {"first": local_midnight(date(year, 1, 1)), "after": local_midnight(date(year + 1, 1, 1))}
    return [GiftMovement(*row) for row in session.execute(_IN_YEAR, {"person_id": person_id, **span})]


def gift_movements(session: Session, *, pledge_id: UUID) -> list[GiftMovement]:
    """Return what was collected of one gift and what of it went back; nothing before it was collected."""
    return [GiftMovement(*row) for row in session.execute(_OF_PLEDGE, {"pledge_id": pledge_id})]


def years_with_gifts(session: Session, *, person_id: UUID) -> list[int]:
    """Return the Dutch calendar years in which something was collected from a donor or went back, latest first."""
    return [int(year) for year in session.scalars(_YEARS, {"person_id": person_id})]
