"""Every euro of one campaign, for everyone to read: its account in the ledger, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge
from payments.collection.models import Charge
from payments.ledger.models import Account, Transfer
from payments.payouts.models import PayoutLine, Refund

PART_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement on a campaign's account. `cents` is negative when money leaves; `name` as the donor chose."""

    id: int
    kind: str
    cents: int
    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What came in and what left, in cents; `costs_cents` is what the provider kept, which the municipality bears.

    `moved_cents` came from other initiatives, less what went to them; `to_town_cents` is what the municipality got of a
    cancelled campaign: its own share, and gifts left to the neighbourhood.
    """

    movements: int
    given_cents: int
    matched_cents: int
    refunded_cents: int
    paid_out_cents: int
    moved_cents: int
    to_town_cents: int

    @property
    def balance_cents(self) -> int:
        """What is on the account now."""
        came = self.given_cents + self.matched_cents + self.moved_cents
        return came - self.refunded_cents - self.paid_out_cents - self.to_town_cents

    costs_cents: int


# What went back the way it came, and what of that came back to us.
_BY_CARD: Final = ("refund", "refund_failed")
_FUNDS = Account.initiative_id == bindparam("initiative_id")
_ON_FUNDS = or_(Transfer.debit_account_id == Account.id, Transfer.credit_account_id == Account.id)
_SIGNED = case((Transfer.credit_account_id == Account.id, Transfer.amount_cents), else_=-Transfer.amount_cents)
_PLEDGE_OF = or_(
    and_(
        Transfer.kind.in_(("charge", "deposit_collected", "refund_by_bank")),
        cast(Pledge.id, Text) == Transfer.source_id,
    ),
    and_(Transfer.kind.in_(_BY_CARD), Pledge.id == Refund.pledge_id),
    and_(Transfer.kind == "payout_gifts", Pledge.id == PayoutLine.pledge_id),
)
_MOVEMENTS = (
    select(
        Transfer.id,
        Transfer.kind,
        _SIGNED.label("cents"),
        Transfer.occurred_at.label("at"),
        case((Transfer.kind == "payout_gifts", ""), else_=func.coalesce(Pledge.public_name, "")).label("name"),
    )
    .join(Account, _ON_FUNDS)
    .outerjoin(Refund, and_(Transfer.kind.in_(_BY_CARD), cast(Refund.id, Text) == Transfer.source_id))
    .outerjoin(PayoutLine, and_(Transfer.kind == "payout_gifts", cast(PayoutLine.id, Text) == Transfer.source_id))
    .outerjoin(Pledge, and_(Pledge.initiative_id == bindparam("initiative_id"), _PLEDGE_OF))
    .where(_FUNDS, Transfer.id < bindparam("before"))
    .order_by(Transfer.id.desc())
    .limit(literal_column(str(PART_SIZE + 1)))
)


def _sum_of(*kinds: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(_SIGNED).filter(Transfer.kind.in_(kinds)), 0)


_COSTS = (
    select(func.coalesce(func.sum(Charge.fee_cents), 0))
    .where(Charge.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
)
_SUMS = (
    select(
        func.count(Transfer.id).label("movements"),
        _sum_of("charge", "deposit_collected").label("given_cents"),
        _sum_of("match_awarded", "match_withdrawn").label("matched_cents"),
        # What a donor's bank took back went back to a neighbour too, as far as the campaign bears it.
        (-_sum_of(*_BY_CARD, "refund_by_bank", "dispute_lost", "loss_recovered")).label("refunded_cents"),
        (-_sum_of("payout_gifts", "payout_deposits", "payout_match", "transfer_reversed")).label("paid_out_cents"),
        _COSTS.label("costs_cents"),
        _sum_of("gift_moved").label("moved_cents"),
        (-_sum_of("match_returned", "gift_left")).label("to_town_cents"),
    )
    .join(Account, _ON_FUNDS)
    .where(_FUNDS)
)
# Larger than any id the ledger will ever give out.
_NEWEST: Final = 2**62


def movements(session: Session, *, initiative_id: UUID, before: int | None = None) -> list[Movement]:
    """Return movements older than `before`, newest first: one more than `PART_SIZE` when there is a next part."""
    values = {"initiative_id": initiative_id, "before": _NEWEST if before is None else before}
    return [Movement(**row._asdict()) for row in session.execute(_MOVEMENTS, values)]


def sums(session: Session, *, initiative_id: UUID) -> Sums:
    """Return the totals of a campaign's account, over everything."""
    row = session.execute(_SUMS, {"initiative_id": initiative_id}).one()
    return Sums(**{name: int(value) for name, value in row._asdict().items()})
