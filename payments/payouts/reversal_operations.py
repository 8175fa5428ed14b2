"""Asking money back from who received it: asked, approved by a second person above the limit, sent, booked.

Locks: the campaign, the pledge, then the reversal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries as pledge_queries
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank.queries import money_terms
from payments.ledger.operations import post
from payments.payouts.models import PayoutLine, PayoutStop, TransferReversal
from payments.payouts.operations import LEASE_SECONDS
from payments.payouts.queries import payout_facts
from payments.payouts.reversal_queries import lines_to_ask_back
from payments.payouts.reversal_rules import (
    LOST,
    AskedByYourself,
    NotAskedYet,
    NothingToAskBack,
    StopsByPlan,
    check_asking,
    needs_second,
)

Asked = Literal["planned", "waits"]
_DUE = (
    select(TransferReversal.id)
    .where(
        TransferReversal.state == "planned",
        text("(transfer_reversals.leased_until IS NULL OR transfer_reversals.leased_until < clock_timestamp())"),
    )
    .order_by(TransferReversal.asked_at, TransferReversal.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE = (
    update(TransferReversal)
    .where(TransferReversal.id == _DUE.c.id)
    .values(leased_until=text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'"))
    .returning(TransferReversal.id, TransferReversal.line_id, TransferReversal.amount_cents)
)


@dataclass(frozen=True, slots=True)
class ReversalToSend:
    """A leased reversal, with the transfer it takes back."""

    id: UUID
    line_id: UUID
    amount: Money
    transfer_ref: str


def ask_back(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> Asked:
    """Ask back everything of a lost gift that left, a reversal per transfer; above the limit a second person approves.

    Raises OnlyTheTreasurer, OwnMoney, StopsByPlan, NothingToAskBack, PledgeNotFound.
    """
    _check_may_ask(session, pledge_id=pledge_id, actor=actor)
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    lines = lines_to_ask_back(session, pledge_id=pledge_id)
    if pledge.state != LOST or not lines:
        raise NothingToAskBack
    terms = money_terms(session, municipality_id=pledge.municipality_id)
    amount = Money(sum(cents for _, cents in lines))
    is_much = needs_second(amount=amount, alone=Money(terms.payout_alone_cents))
    session.execute(
        insert(TransferReversal),
        [
            {
                "line_id": line_id,
                "pledge_id": pledge_id,
                "amount_cents": cents,
                "state": "asked" if is_much else "planned",
                "needs_second": is_much,
                "asked_at": now,
                "asked_by": actor.person_id,
            }
            for line_id, cents in lines
        ],
    )
    _note(session, "reversal.asked", pledge_id=pledge_id, amount=amount, actor=actor, now=now)
    return "waits" if is_much else "planned"


def approve_asking(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> None:
    """Approve as the second person that a gift is asked back.

    Raises OnlyTheTreasurer, OwnMoney, StopsByPlan, NotAskedYet, AskedByYourself.
    """
    _check_may_ask(session, pledge_id=pledge_id, actor=actor)
    asked = session.scalars(
        select(TransferReversal)
        .where(TransferReversal.pledge_id == pledge_id, TransferReversal.state == "asked")
        .with_for_update()
    ).all()
    if not asked:
        raise NotAskedYet
    if any(one.asked_by == actor.person_id for one in asked):
        raise AskedByYourself
    session.execute(
        update(TransferReversal)
        .where(TransferReversal.id.in_([one.id for one in asked]))
        .values(state="planned", approved_at=now, approved_by=actor.person_id)
    )
    amount = Money(sum(one.amount_cents for one in asked))
    _note(session, "reversal.approved", pledge_id=pledge_id, amount=amount, actor=actor, now=now)


def lease_reversals(session: Session, *, most: int) -> list[ReversalToSend]:
    """Lease up to `most` planned reversals to the caller, oldest first."""
    found = []
    for row in session.execute(_LEASE, {"most": most}).all():
        transfer_ref = session.execute(select(PayoutLine.transfer_ref).where(PayoutLine.id == row.line_id)).scalar_one()
        found.append(
            ReversalToSend(
                id=row.id, line_id=row.line_id, amount=Money(row.amount_cents), transfer_ref=str(transfer_ref)
            )
        )
    return found


def record_reversed(session: Session, *, reversal_id: UUID, reversal_ref: str, now: datetime) -> None:
    """Record that the provider took a transfer back: book it, make the loss good, tell the team. Once."""
    found = _open(session, reversal_id=reversal_id)
    if found is None:
        return
    pledge = pledge_queries.pledge(session, pledge_id=found.pledge_id)
    for kind in ("transfer_reversed", "loss_recovered"):
        post(
            session,
            kind=kind,
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            amount=Money(found.amount_cents),
            source_type="reversal",
            source_id=str(reversal_id),
            occurred_at=now,
        )
    session.execute(
        update(TransferReversal)
        .where(TransferReversal.id == reversal_id)
        .values(state="succeeded", reversal_ref=reversal_ref, ended_at=now, leased_until=None)
    )
    tranche_id = session.execute(select(PayoutLine.tranche_id).where(PayoutLine.id == found.line_id)).scalar_one()
    outbox.add(
        session,
        kind="payout.taken_back",
        args={"initiative_id": str(pledge.initiative_id), "tranche_id": str(tranche_id)},
        dedupe_key=f"payout.taken_back/{reversal_id}",
    )


def record_refused(session: Session, *, reversal_id: UUID, refusal: str, now: datetime) -> None:
    """Record that the provider cannot take it back: the loss stays where it is, until it is asked for again. Once."""
    if _open(session, reversal_id=reversal_id) is not None:
        session.execute(
            update(TransferReversal)
            .where(TransferReversal.id == reversal_id)
            .values(state="refused", refusal=refusal[:80], ended_at=now, leased_until=None)
        )


def _check_may_ask(session: Session, *, pledge_id: UUID, actor: Actor) -> None:
    """Lock the campaign of a gift, and return when this treasurer may ask it back; raise what is in the way."""
    initiative_id = pledge_queries.pledge(session, pledge_id=pledge_id).initiative_id
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    check_asking(actor=actor, team=payout_facts(session, initiative_id=initiative_id).team)
    if session.get(PayoutStop, initiative_id) is not None:
        raise StopsByPlan


def _open(session: Session, *, reversal_id: UUID) -> TransferReversal | None:
    found = session.scalars(select(TransferReversal).where(TransferReversal.id == reversal_id).with_for_update()).one()
    return found if found.state == "planned" else None


def _note(session: Session, action: str, *, pledge_id: UUID, amount: Money, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"amount_cents": amount.cents},
    )
