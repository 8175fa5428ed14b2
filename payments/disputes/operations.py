"""What becomes of a disputed payment.

Locks as in charge_operations.py: campaign (shared), pledge, then the dispute, and last the near miss it may be part of.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.closing.plan_operations import weigh_again
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import PledgeRow
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.money import ZERO, Money
from payments.cancelling.line_operations import lose_line
from payments.disputes import queries
from payments.disputes.models import Dispute
from payments.disputes.rules import FINAL, check_evidence, read_state, who_bears
from payments.ledger.operations import post
from payments.payouts.leaving_queries import refund_may_have_left
from payments.payouts.operations import MoneyMayHaveLeft, keep_back
from payments.payouts.refund_operations import plan_refunds
from payments.provider import DisputeFacts


def record_dispute(session: Session, *, pledge_id: UUID, found: DisputeFacts, now: datetime) -> None:
    """Apply what the provider says about a dispute, whichever event told us to look. Twice is once.

    The amount waits in suspense and its line of the payout is held; won, it comes back; lost, the campaign bears it
    as long as the money has not left it, and the platform after that. Raises MoneyMayHaveLeft while it may be on its
    way to the donor, or to the payee, without our knowing yet: look again shortly.
    """
    state = read_state(found.status)
    if state is None:
        return
    seen = pledge_queries.pledge(session, pledge_id=pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    row = _row(session, pledge=pledge, found=found, now=now)
    if row.state in FINAL:
        return
    values: dict[str, object] = {"state": state, "reason": found.reason, "due_at": found.due_at}
    if found.is_withdrawn and row.withdrawn_at is None:
        _open(session, pledge=pledge, row=row, found=found, now=now)
        values |= {"withdrawn_at": now, "fee_cents": found.fee_cents, "amount_cents": found.amount_cents}
        pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    if state in FINAL:
        values["closed_at"] = now
    if found.is_withdrawn and state == "won":
        _win(session, pledge=pledge, row=row, found=found, now=now)
    elif found.is_withdrawn and state == "lost":
        values["borne_by"] = _lose(session, pledge=pledge, row=row, found=found, now=now)
    session.execute(update(Dispute).where(Dispute.id == row.id).values(**values))
    # Of a near miss everybody reads what is left at this moment.
    weigh_again(session, initiative_id=pledge.initiative_id)


def _row(session: Session, *, pledge: PledgeRow, found: DisputeFacts, now: datetime) -> Dispute:
    session.execute(
        insert(Dispute)
        .values(
            dispute_ref=found.ref,
            municipality_id=pledge.municipality_id,
            pledge_id=pledge.id,
            amount_cents=found.amount_cents,
            fee_cents=0,
            reason=found.reason,
            state="inquiry",
            opened_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Dispute.dispute_ref])
    )
    return session.scalars(select(Dispute).where(Dispute.dispute_ref == found.ref).with_for_update()).one()


def _open(session: Session, *, pledge: PledgeRow, row: Dispute, found: DisputeFacts, now: datetime) -> None:
    if refund_may_have_left(session, pledge_id=pledge.id):
        raise MoneyMayHaveLeft
    _post(session, kind="dispute_opened", pledge=pledge, row=row, cents=found.amount_cents, now=now)
    _post(session, kind="dispute_fee", pledge=pledge, row=row, cents=found.fee_cents, now=now)
    if pledge.state == "collected":
        pledges.change_state(session, pledge=pledge, to="disputed", now=now, reason=found.reason)


def _win(session: Session, *, pledge: PledgeRow, row: Dispute, found: DisputeFacts, now: datetime) -> None:
    _post(session, kind="dispute_won", pledge=pledge, row=row, cents=found.amount_cents, now=now)
    if pledge.state != "disputed":
        return
    pledges.change_state(session, pledge=pledge, to="collected", now=now, reason="the dispute was won")
    if campaign_facts(session, initiative_id=pledge.initiative_id).state == "unfunded":
        # Its campaign failed meanwhile, so what came back goes back.
        plan_refunds(session, pledges=[pledge], reason="the minimum was not reached after collecting", now=now)


def _lose(session: Session, *, pledge: PledgeRow, row: Dispute, found: DisputeFacts, now: datetime) -> str:
    was_paid_out = keep_back(session, pledge_id=pledge.id, now=now)
    bearer = who_bears(was_paid_out=was_paid_out, was_refunded=pledge.state == "refunded")
    amount = Money(found.amount_cents)
    borne = lose_line(session, pledge_id=pledge.id, amount=amount, now=now)
    if borne is None:
        borne = amount if bearer == "campaign" else ZERO
    else:
        # A cancelled campaign bears what its donor would have got by the plan; the rest was spent, or is elsewhere.
        bearer = "campaign" if borne == amount else "platform"
    for kind, part in (("dispute_lost", borne), ("dispute_lost_after_payout", amount - borne)):
        _post(session, kind=kind, pledge=pledge, row=row, cents=part.cents, now=now)
    if pledge.state == "disputed":
        pledges.change_state(session, pledge=pledge, to="charged_back", now=now, reason=found.reason)
    return bearer


def _post(session: Session, *, kind: str, pledge: PledgeRow, row: Dispute, cents: int, now: datetime) -> None:
    if cents:
        post(
            session,
            kind=kind,
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            amount=Money(cents),
            source_type="dispute",
            source_id=str(row.id),
            occurred_at=now,
        )


def keep_evidence(session: Session, *, dispute_id: UUID, evidence: str, actor: Actor, now: datetime) -> str:
    """Keep what will be sent to the bank, and return it; what was kept before stays, so that it is sent once.

    Raises DisputeNotFound, OnlyTheTreasurerAnswers, NoAnswerExpected, EvidenceMissing, EvidenceTooLong.
    """
    found = queries.dispute(session, dispute_id=dispute_id, municipality_id=actor.municipality_id)
    words = check_evidence(actor=actor, state=found.state, due_at=found.due_at, evidence=evidence, now=now)
    kept = session.scalars(
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.evidence == "")
        .values(evidence=words, evidence_by=actor.person_id)
        .returning(Dispute.evidence)
    ).one_or_none()
    if kept is None:
        return found.evidence
    audit.record(
        session, actor=actor, action="dispute.answered", subject_type="pledge", subject_id=found.pledge_id, now=now
    )
    return words


def record_evidence_sent(session: Session, *, dispute_id: UUID, now: datetime) -> None:
    """Remember that the provider has our evidence; the first time only."""
    session.execute(
        update(Dispute).where(Dispute.id == dispute_id, Dispute.evidence_at.is_(None)).values(evidence_at=now)
    )
