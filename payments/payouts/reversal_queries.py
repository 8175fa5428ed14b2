"""Reading what was asked back from who received it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from payments.payouts.models import PayoutLine, TransferReversal
from payments.payouts.reversal_rules import Standing, standing


@dataclass(frozen=True, slots=True)
class AskedBack:
    """How asking one gift back stands.

    `open_cents` left us and can be asked back now; `refusal` is the provider's word for why it could not.
    """

    standing: Standing
    open_cents: int
    came_back_cents: int
    asked_by: UUID | None
    asked_at: datetime | None
    refusal: str


_LINES = (
    select(PayoutLine.id, PayoutLine.amount_cents)
    .where(
        PayoutLine.pledge_id == bindparam("pledge_id"),
        PayoutLine.state == "sent",
        ~select(TransferReversal.id)
        .where(TransferReversal.line_id == PayoutLine.id, TransferReversal.state != "refused")
        .exists(),
    )
    .order_by(PayoutLine.id)
)
_ASKED = (
    select(
        TransferReversal.state,
        TransferReversal.amount_cents,
        TransferReversal.asked_by,
        TransferReversal.asked_at,
        TransferReversal.refusal,
    )
    .where(TransferReversal.pledge_id == bindparam("pledge_id"))
    .order_by(TransferReversal.asked_at.desc(), TransferReversal.id)
)


def lines_to_ask_back(session: Session, *, pledge_id: UUID) -> list[tuple[UUID, int]]:
    """Return the parts of a gift that left and were not asked back, with their cents."""
    return [(row.id, row.amount_cents) for row in session.execute(_LINES, {"pledge_id": pledge_id})]


def asked_back(session: Session, *, pledge_id: UUID) -> AskedBack:
    """Return how asking a gift back stands."""
    rows = session.execute(_ASKED, {"pledge_id": pledge_id}).all()
    counted = [row for row in rows if row.state != "refused"]
    return AskedBack(
        standing=standing(frozenset(row.state for row in counted)),
        open_cents=sum(cents for _, cents in lines_to_ask_back(session, pledge_id=pledge_id)),
        came_back_cents=sum(row.amount_cents for row in counted if row.state == "succeeded"),
        asked_by=counted[0].asked_by if counted else None,
        asked_at=counted[0].asked_at if counted else None,
        refusal="" if counted or not rows else rows[0].refusal,
    )


def came_back_of_part(session: Session, *, tranche_id: UUID) -> int:
    """Return what was taken back of one part of a payout, in cents."""
    found = session.execute(
        select(func.coalesce(func.sum(TransferReversal.amount_cents), 0))
        .join(PayoutLine, PayoutLine.id == TransferReversal.line_id)
        .where(PayoutLine.tranche_id == tranche_id, TransferReversal.state == "succeeded")
    )
    return int(found.scalar_one())
