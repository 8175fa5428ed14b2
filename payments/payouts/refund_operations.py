"""Planning and recording what goes back to donors by the provider, and what of it comes back to us."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.models import Pledge
from crowd.pledges.operations import mark_going_back
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor, system
from crowd.shared.money import Money
from payments.bank.models import BankReturn
from payments.bank.queries import return_of
from payments.bank.return_operations import call_off_return, plan_bank_refunds, return_what_came_back
from payments.collection.models import Charge
from payments.ledger.operations import post
from payments.payouts.models import Refund
from payments.payouts.rules import MoreThanGiven, NothingToTryAgain, check_treasurer

LEASE_SECONDS = 90
_NEW_LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")
# One refund of a pledge at a time; one that came back may be followed by another.
_COUNTS = text("state <> 'failed'")
# Gifts of which less goes back than was given: the rest of them was spent, and counts.
_IN_PART_BY_PROVIDER = (
    select(Refund.pledge_id)
    .join(Pledge, Pledge.id == Refund.pledge_id)
    .where(Refund.pledge_id == func.any(bindparam("planned", type_=ARRAY(Uuid))), Refund.state != "failed")
    .where(Refund.amount_cents < Pledge.amount_cents)
)
_IN_PART_BY_BANK = (
    select(BankReturn.pledge_id)
    .join(Pledge, Pledge.id == BankReturn.pledge_id)
    .where(BankReturn.pledge_id == func.any(bindparam("planned", type_=ARRAY(Uuid))), BankReturn.state != "cancelled")
    .where(BankReturn.amount_cents < Pledge.amount_cents)
)
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

    What came by the provider goes back by it; what was given in cash or by bank transfer goes back by bank. From now on
    none of them counts any more, save one of which only a part goes back (`plan_partial_refund`): that part stands.
    """
    if not pledges:
        return
    plan_bank_refunds(
        session, pledges_to_refund=[one for one in pledges if one.way in OFFLINE_WAYS], reason=reason, now=now
    )
    by_provider = [
        one
        for one in pledges
        # A refund of it came back, and it is on its way by bank.
        if one.way not in OFFLINE_WAYS and return_of(session, pledge_id=one.id) is None
    ]
    if by_provider:
        session.execute(
            insert(Refund).on_conflict_do_nothing(index_elements=[Refund.pledge_id], index_where=_COUNTS),
            [
                {"pledge_id": pledge.id, "amount_cents": pledge.amount_cents, "reason": reason, "planned_at": now}
                for pledge in by_provider
            ],
        )
    planned = [pledge.id for pledge in pledges]
    in_part = set(session.scalars(_IN_PART_BY_PROVIDER, {"planned": planned}))
    in_part |= set(session.scalars(_IN_PART_BY_BANK, {"planned": planned}))
    mark_going_back(session, pledges=[one for one in pledges if one.id not in in_part], now=now)


def plan_partial_refund(session: Session, *, pledge: PledgeRow, amount: Money, reason: str, now: datetime) -> None:
    """Plan to give back this part of a collected pledge, once; the way it came. Raises MoreThanGiven.

    The caller holds the pledge's lock. What was planned before for this pledge stays as it was.
    """
    if not 0 < amount.cents <= pledge.amount_cents:
        raise MoreThanGiven
    if pledge.way in OFFLINE_WAYS:
        part = replace(pledge, amount_cents=amount.cents)
        plan_bank_refunds(session, pledges_to_refund=[part], reason=reason, now=now)
        return
    session.execute(
        insert(Refund)
        .values(pledge_id=pledge.id, amount_cents=amount.cents, reason=reason, planned_at=now)
        .on_conflict_do_nothing(index_elements=[Refund.pledge_id], index_where=_COUNTS)
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
    if refund.refund_ref is not None:
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
        dedupe_key=f"pledge.refunded/{refund_id}",
    )


def record_refund_failed(session: Session, *, refund_ref: str, failure: str, now: datetime) -> None:
    """Record that a refund came back after it was sent: book it back, and let it go by bank. Once.

    One that is not ours is left alone. The donor is told, and asked for an account; a treasurer may try the card again.
    """
    refund = session.scalars(select(Refund).where(Refund.refund_ref == refund_ref).with_for_update()).one_or_none()
    if refund is None or refund.state != "succeeded":
        return
    pledge = pledge_queries.pledge(session, pledge_id=refund.pledge_id, lock=True)
    post(
        session,
        kind="refund_failed",
        municipality_id=pledge.municipality_id,
        initiative_id=pledge.initiative_id,
        amount=Money(refund.amount_cents),
        source_type="refund",
        source_id=str(refund.id),
        occurred_at=now,
    )
    session.execute(
        update(Refund).where(Refund.id == refund.id).values(state="failed", failed_at=now, failure=failure[:80])
    )
    if pledge.state == "refunded":
        pledges.refund_came_back(session, pledge=pledge, now=now, reason=f"the refund came back: {failure}")
    return_what_came_back(session, pledge_id=pledge.id, amount=Money(refund.amount_cents), now=now)
    audit.record(
        session,
        actor=system(pledge.municipality_id),
        action="refund.failed",
        subject_type="pledge",
        subject_id=pledge.id,
        now=now,
        facts={"amount_cents": refund.amount_cents, "failure": failure},
    )
    outbox.add(
        session,
        kind="pledge.refund_failed",
        args={"pledge_id": str(pledge.id)},
        dedupe_key=f"pledge.refund_failed/{refund.id}",
    )


def try_refund_again(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> None:
    """Try once more to give a gift back the way it came, instead of by bank: a refund of its own, with its own key.

    Raises OnlyTheTreasurer, and NothingToTryAgain once the donor gave an account, or where no refund came back.
    """
    check_treasurer(actor=actor)
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    found = return_of(session, pledge_id=pledge_id)
    if found is None or not found.came_back or found.state != "planned":
        raise NothingToTryAgain
    call_off_return(session, pledge_id=pledge_id, now=now)
    session.execute(
        insert(Refund).values(
            pledge_id=pledge_id, amount_cents=found.amount_cents, reason="tried once more", planned_at=now
        )
    )
    audit.record(
        session,
        actor=actor,
        action="refund.tried_again",
        subject_type="pledge",
        subject_id=pledge.id,
        now=now,
        facts={"amount_cents": found.amount_cents},
    )
