"""What one part of a payout is made of, gift by gift."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from crowd.pledges.models import Pledge
from payments.collection.models import Charge
from payments.payouts.models import PayoutLine, Tranche


@dataclass(frozen=True, slots=True)
class SpecifiedGift:
    """A gift in a part of a payout. In cents; `gift_cents` is the whole gift, of which `amount_cents` is in this part.

    `fee_cents` is what the provider kept of it, which the municipality bears; of a gift that two parts share it is
    counted in the first. `sent_at` is empty while its transfer is under way.
    """

    pledge_id: UUID
    promised_at: datetime
    gift_cents: int
    amount_cents: int
    fee_cents: int
    sent_at: datetime | None


_EARLIER_LINE = aliased(PayoutLine)
_EARLIER_PART = aliased(Tranche)
_GIFTS = (
    select(
        PayoutLine.pledge_id,
        Pledge.promised_at,
        Pledge.amount_cents.label("gift_cents"),
        PayoutLine.amount_cents,
        case(
            (
                exists()
                .where(
                    _EARLIER_LINE.pledge_id == PayoutLine.pledge_id,
                    _EARLIER_PART.id == _EARLIER_LINE.tranche_id,
                    _EARLIER_PART.number < Tranche.number,
                )
                .correlate(PayoutLine, Tranche),
                0,
            ),
            else_=func.coalesce(Charge.fee_cents, 0),
        ).label("fee_cents"),
        PayoutLine.sent_at,
    )
    .join(Tranche, Tranche.id == PayoutLine.tranche_id)
    .join(Pledge, Pledge.id == PayoutLine.pledge_id)
    .outerjoin(Charge, Charge.pledge_id == PayoutLine.pledge_id)
    .where(PayoutLine.tranche_id == bindparam("tranche_id"))
    .order_by(PayoutLine.pledge_id)
)


def gifts_in_part(session: Session, *, tranche_id: UUID) -> list[SpecifiedGift]:
    """Return the gifts that a part of a payout takes from the provider, oldest first."""
    return [SpecifiedGift(**row._asdict()) for row in session.execute(_GIFTS, {"tranche_id": tranche_id})]
