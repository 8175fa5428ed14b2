"""Reading payees, payouts and refunds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.closing.queries import final_decision
from crowd.initiatives.models import Initiative, TeamMember
from payments.payouts.models import MatchReceipt, Payee, Payout, PayoutLine, Refund
from payments.payouts.rules import PayoutFacts


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """The payout of one campaign and how far it is."""

    initiative_id: UUID
    gifts_cents: int
    deposits_cents: int
    match_cents: int
    state: str
    approved_at: datetime
    approved_by: UUID
    sent_at: datetime | None
    lines: int
    lines_sent: int


@dataclass(frozen=True, slots=True)
class ToPayOut:
    """A funded campaign that has not been paid out, and what it still waits for. Amounts in cents."""

    initiative_id: UUID
    slug: str
    title: str
    payee_state: str | None
    match_cents: int
    match_received_cents: int


_RECEIVED = (
    select(func.coalesce(func.sum(MatchReceipt.amount_cents), 0))
    .where(MatchReceipt.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
)
_FACTS = select(
    Initiative.state,
    select(Payee.state).where(Payee.initiative_id == bindparam("initiative_id")).scalar_subquery().label("payee_state"),
    _RECEIVED.label("match_received_cents"),
    select(func.count())
    .select_from(Payout)
    .where(Payout.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
    .label("payouts"),
).where(Initiative.id == bindparam("initiative_id"))
_PAYOUT = (
    select(
        Payout.initiative_id,
        Payout.gifts_cents,
        Payout.deposits_cents,
        Payout.match_cents,
        Payout.state,
        Payout.approved_at,
        Payout.approved_by,
        Payout.sent_at,
        func.count(PayoutLine.id).label("lines"),
        func.count(PayoutLine.id).filter(PayoutLine.state == "sent").label("lines_sent"),
    )
    .outerjoin(PayoutLine, PayoutLine.initiative_id == Payout.initiative_id)
    .where(Payout.initiative_id == bindparam("initiative_id"))
    .group_by(Payout.initiative_id)
)


def payee(session: Session, *, initiative_id: UUID) -> Payee | None:
    """Return who receives the money of an initiative, or None before onboarding began."""
    return session.scalars(select(Payee).where(Payee.initiative_id == initiative_id)).one_or_none()


def payout_facts(session: Session, *, initiative_id: UUID) -> PayoutFacts:
    """Return what deciding about the payout of an initiative needs to know."""
    row = session.execute(_FACTS, {"initiative_id": initiative_id}).one()
    decision = final_decision(session, initiative_id=initiative_id)
    team = session.scalars(select(TeamMember.person_id).where(TeamMember.initiative_id == initiative_id))
    return PayoutFacts(
        state=row.state,
        payee_state=row.payee_state,
        match_cents=decision.match_cents if decision else 0,
        match_received_cents=int(row.match_received_cents),
        is_paid_out=row.payouts > 0,
        team=frozenset(team),
    )


def payout(session: Session, *, initiative_id: UUID) -> PayoutRow | None:
    """Return the payout of a campaign, or None before it was approved."""
    row = session.execute(_PAYOUT, {"initiative_id": initiative_id}).first()
    return PayoutRow(**row._asdict()) if row else None


def match_receipt(session: Session, *, initiative_id: UUID) -> MatchReceipt | None:
    """Return when and how the municipality's share arrived, or None before it did."""
    return session.get(MatchReceipt, initiative_id)


def going_back(session: Session, *, pledge_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these pledges have a refund, planned or done."""
    return set(session.scalars(select(Refund.pledge_id).where(Refund.pledge_id.in_(pledge_ids))))


def waiting_for_payout(session: Session, *, municipality_id: UUID) -> list[ToPayOut]:
    """Return the funded campaigns without a payout, longest funded first, at most 200: the treasurer's list."""
    rows = session.execute(
        select(Initiative.id, Initiative.slug, Initiative.title)
        .outerjoin(Payout, Payout.initiative_id == Initiative.id)
        .where(
            Initiative.municipality_id == municipality_id, Initiative.state == "funded", Payout.initiative_id.is_(None)
        )
        .order_by(Initiative.deadline_at, Initiative.id)
        .limit(literal_column("200"))
    ).all()
    found = []
    for initiative_id, slug, title in rows:
        facts = payout_facts(session, initiative_id=initiative_id)
        found.append(
            ToPayOut(
                initiative_id=initiative_id,
                slug=slug,
                title=title,
                payee_state=facts.payee_state,
                match_cents=facts.match_cents,
                match_received_cents=facts.match_received_cents,
            )
        )
    return found
