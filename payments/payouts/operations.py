"""Planning and recording money that leaves, and the municipality's share that arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor, system
from crowd.shared.money import Money
from payments.bank.return_operations import plan_bank_refunds
from payments.collection.models import Charge
from payments.ledger.operations import post
from payments.payouts import queries
from payments.payouts.models import MatchReceipt, Payee, Payout, PayoutLine, Refund
from payments.payouts.rules import check_match_received

LEASE_SECONDS = 90
_NEW_LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")

_DUE_REFUNDS = (
    select(Refund.id)
    .where(Refund.state == "planned", text("(leased_until IS NULL OR leased_until < clock_timestamp())"))
    .order_by(Refund.planned_at, Refund.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE_REFUNDS = (
    update(Refund)
    .where(Refund.id == _DUE_REFUNDS.c.id)
    .values(leased_until=_NEW_LEASE)
    .returning(Refund.id, Refund.pledge_id, Refund.amount_cents)
)
_DUE_LINES = (
    select(PayoutLine.id)
    .where(PayoutLine.state == "planned", text("(leased_until IS NULL OR leased_until < clock_timestamp())"))
    .order_by(PayoutLine.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE_LINES = (
    update(PayoutLine)
    .where(PayoutLine.id == _DUE_LINES.c.id)
    .values(leased_until=_NEW_LEASE)
    .returning(
        PayoutLine.id, PayoutLine.tranche_id, PayoutLine.initiative_id, PayoutLine.pledge_id, PayoutLine.amount_cents
    )
)
_CHARGE_REF = select(Charge.charge_ref).where(Charge.pledge_id == bindparam("pledge_id"))


@dataclass(frozen=True, slots=True)
class RefundToSend:
    """A leased refund, with the provider's charge it gives back."""

    id: UUID
    amount: Money
    charge_ref: str


@dataclass(frozen=True, slots=True)
class LineToSend:
    """A leased part of a payout, with the charge it comes from and the account it goes to."""

    id: UUID
    initiative_id: UUID
    amount: Money
    charge_ref: str
    account_ref: str


# --- Refunds --------------------------------------------------------------------------------------------------


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


# --- Payees ---------------------------------------------------------------------------------------------------


def start_payee(session: Session, *, payee_id: UUID, initiative_id: UUID, actor: Actor, now: datetime) -> Payee:
    """Begin finding out where the money of an initiative may go, and return the payee; the first one stays."""
    added = session.execute(
        insert(Payee)
        .values(id=payee_id, initiative_id=initiative_id, started_at=now)
        .on_conflict_do_nothing()
        .returning(Payee.id)
    ).first()
    if added is not None:
        audit.record(
            session, actor=actor, action="payee.started", subject_type="initiative", subject_id=initiative_id, now=now
        )
    return session.scalars(select(Payee).where(Payee.initiative_id == initiative_id)).one()


def record_account(session: Session, *, payee_id: UUID, account_ref: str) -> None:
    """Remember the provider's account of a payee; the first one stays."""
    session.execute(
        update(Payee).where(Payee.id == payee_id, Payee.account_ref.is_(None)).values(account_ref=account_ref)
    )


def count_link(session: Session, *, payee_id: UUID) -> int:
    """Return the number of the next onboarding link, so that each has its own key."""
    return session.execute(
        update(Payee).where(Payee.id == payee_id).values(links_made=Payee.links_made + 1).returning(Payee.links_made)
    ).scalar_one()


def record_account_status(session: Session, *, account_ref: str, status: str, now: datetime) -> None:
    """Mark a payee ready once the provider may send it money; anything else leaves it as it is."""
    if status == "active":
        session.execute(
            update(Payee)
            .where(Payee.account_ref == account_ref, Payee.state == "started")
            .values(state="ready", ready_at=now)
        )


# --- The municipality's share, and the payout -----------------------------------------------------------------


def record_match_received(
    session: Session, *, initiative_id: UUID, amount: Money, reference: str, actor: Actor, now: datetime
) -> None:
    """Book that the municipality's share of a funded campaign arrived at the bank; once.

    Raises OnlyTheTreasurer, NoMatchExpected, MatchDiffers, ReferenceMissing.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.payout_facts(session, initiative_id=initiative_id)
    check_match_received(actor=actor, fixed=Money(facts.match_cents), received=amount, reference=reference)
    added = session.execute(
        insert(MatchReceipt)
        .values(
            initiative_id=initiative_id,
            amount_cents=amount.cents,
            reference=reference.strip(),
            received_at=now,
            recorded_by=actor.person_id,
        )
        .on_conflict_do_nothing()
        .returning(MatchReceipt.initiative_id)
    ).first()
    if added is None:
        return
    post(
        session,
        kind="match_received",
        municipality_id=campaign.municipality_id,
        initiative_id=initiative_id,
        amount=amount,
        source_type="initiative",
        source_id=str(initiative_id),
        occurred_at=now,
    )
    audit.record(
        session,
        actor=actor,
        action="match.received",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"amount_cents": amount.cents, "reference": reference.strip()},
    )


def lease_lines(session: Session, *, most: int) -> list[LineToSend]:
    """Lease up to `most` planned payout lines to the caller, oldest first."""
    leased = session.execute(_LEASE_LINES, {"most": most}).all()
    found = []
    for row in leased:
        account_ref = session.execute(
            select(Payee.account_ref)
            .join(Payout, Payout.payee_id == Payee.id)
            .where(Payout.tranche_id == row.tranche_id)
        ).scalar_one()
        charge_ref = session.execute(_CHARGE_REF, {"pledge_id": row.pledge_id}).scalar_one()
        found.append(
            LineToSend(
                id=row.id,
                initiative_id=row.initiative_id,
                amount=Money(row.amount_cents),
                charge_ref=str(charge_ref),
                account_ref=str(account_ref),
            )
        )
    return found


def record_line_sent(session: Session, *, line_id: UUID, transfer_ref: str, now: datetime) -> None:
    """Record that one part of a payout left. Once.

    With the last one what leaves by bank does too: the match, and what was given in cash or by bank transfer.
    """
    line = session.execute(select(PayoutLine).where(PayoutLine.id == line_id).with_for_update()).scalar_one()
    if line.state == "sent":
        return
    campaign = campaign_facts(session, initiative_id=line.initiative_id, lock="update")
    post(
        session,
        kind="payout_gifts",
        municipality_id=campaign.municipality_id,
        initiative_id=line.initiative_id,
        amount=Money(line.amount_cents),
        source_type="payout_line",
        source_id=str(line_id),
        occurred_at=now,
    )
    session.execute(
        update(PayoutLine)
        .where(PayoutLine.id == line_id)
        .values(state="sent", transfer_ref=transfer_ref, sent_at=now, leased_until=None)
    )
    still_planned = session.execute(
        select(func.count()).where(PayoutLine.tranche_id == line.tranche_id, PayoutLine.state == "planned")
    ).scalar_one()
    if still_planned == 0:
        finish_payout(session, tranche_id=line.tranche_id, municipality_id=campaign.municipality_id, now=now)


def finish_payout(session: Session, *, tranche_id: UUID, municipality_id: UUID, now: datetime) -> None:
    """Record that the last line of a payout left: what leaves by bank is booked, and the team is told.

    The ledger knows it by its tranche. (A payout from before tranches has the id of its initiative.)
    """
    sent = session.execute(
        update(Payout)
        .where(Payout.tranche_id == tranche_id)
        .values(state="sent", sent_at=now)
        .returning(Payout.initiative_id, Payout.match_cents, Payout.deposits_cents)
    ).one()
    for kind, cents in (("payout_match", sent.match_cents), ("payout_deposits", sent.deposits_cents)):
        if cents:
            post(
                session,
                kind=kind,
                municipality_id=municipality_id,
                initiative_id=sent.initiative_id,
                amount=Money(cents),
                source_type="tranche",
                source_id=str(tranche_id),
                occurred_at=now,
            )
    audit.record(
        session,
        actor=system(municipality_id),
        action="payout.sent",
        subject_type="initiative",
        subject_id=sent.initiative_id,
        now=now,
        facts={"tranche_id": str(tranche_id)},
    )
    outbox.add(
        session,
        kind="payout.sent",
        args={"initiative_id": str(sent.initiative_id), "tranche_id": str(tranche_id)},
        dedupe_key=f"payout.sent/{tranche_id}",
    )
