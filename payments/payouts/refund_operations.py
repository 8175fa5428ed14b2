"""Planning and recording what goes back to donors by the provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.models import Pledge
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared import outbox
from crowd.shared.money import Money
from payments.bank.return_operations import plan_bank_refunds
from payments.collection.models import Charge
from payments.ledger.operations import post
from payments.payouts.models import Refund

LEASE_SECONDS = 90
_NEW_LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")
_CHARGE_REF = select(Charge.charge_ref).where(Charge.pledge_id == bindparam("pledge_id"))
_DUE_REFUNDS = (
    select(Refund.id)
    .join(Pledge, Pledge.id == Refund.pledge_id)
    # What is under dispute cannot be given back: its donor asked their bank for it.
    .where(
        Refund.state == "planned",
        Pledge.state != "disputed",
        text("(refunds.leased_until IS NULL OR refunds.leased_until < clock_timestamp())"),
    )
    .order_by(Refund.planned_at, Refund.id)
    .limit(bindparam("most"))
    .with_for_update(of=Refund, skip_locked=True)
    .cte("due")
)
_LEASE_REFUNDS = (
    update(Refund)
    .where(Refund.id == _DUE_REFUNDS.c.id)
    .values(leased_until=_NEW_LEASE)
    .returning(Refund.id, Refund.pledge_id, Refund.amount_cents)
)


@dataclass(frozen=True, slots=True)
class RefundToSend:
    """A leased refund, with the provider's charge it gives back."""

    id: UUID
    amount: Money
    charge_ref: str


def plan_refunds(session: Session, *, pledges: Sequence[PledgeRow], reason: str, now: datetime) -> None:
    """Plan to give every one of these collected pledges back, whole; a pledge planned before stays planned once.

    What came by the provider goes back by it; what was given in cash or by bank transfer goes back by bank.
    """
    plan_bank_refunds(
        session, pledges_to_refund=[one for one in pledges if one.way in OFFLINE_WAYS], reason=reason, now=now
    )
    pledges = [one for one in pledges if one.way not in OFFLINE_WAYS]
    if not pledges:
        return
    session.execute(
        insert(Refund).on_conflict_do_nothing(index_elements=[Refund.pledge_id]),
        [
            {"pledge_id": pledge.id, "amount_cents": pledge.amount_cents, "reason": reason, "planned_at": now}
            for pledge in pledges
        ],
    )


def lease_refunds(session: Session, *, most: int) -> list[RefundToSend]:
    """Lease up to `most` planned refunds to the caller, oldest first."""
    leased = session.execute(_LEASE_REFUNDS, {"most": most}).all()
    return [
        RefundToSend(
            id=row.id,
            amount=Money(row.amount_cents),
            charge_ref=str(session.execute(_CHARGE_REF, {"pledge_id": row.pledge_id}).scalar_one()),
        )
        for row in leased
    ]


def record_refund(session: Session, *, refund_id: UUID, refund_ref: str, now: datetime) -> None:
    """Record that the provider gave a pledge back: book it, settle the pledge, tell the donor. Once."""
    refund = session.execute(select(Refund).where(Refund.id == refund_id).with_for_update()).scalar_one()
    if refund.state == "succeeded":
        return
    pledge = pledge_queries.pledge(session, pledge_id=refund.pledge_id, lock=True)
    pledges.change_state(session, pledge=pledge, to="refunded", now=now, reason=refund.reason)
    post(
        session,
        kind="refund",
        municipality_id=pledge.municipality_id,
        initiative_id=pledge.initiative_id,
        amount=Money(refund.amount_cents),
        source_type="refund",
        source_id=str(refund_id),
        occurred_at=now,
    )
    session.execute(
        update(Refund)
        .where(Refund.id == refund_id)
        .values(state="succeeded", refund_ref=refund_ref, succeeded_at=now, leased_until=None)
    )
    outbox.add(
        session,
        kind="pledge.refunded",
        args={"pledge_id": str(pledge.id)},
        dedupe_key=f"pledge.refunded/{pledge.id}",
    )
