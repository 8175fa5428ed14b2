"""Reading payees, payouts and refunds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from crowd.closing.queries import final_decision
from crowd.initiatives.models import Initiative, TeamMember
from crowd.initiatives.report_queries import approved_reports
from payments.payouts.models import MatchReceipt, Payee, Payout, PayoutLine, PayoutStop, Refund, Tranche, TranchePlan
from payments.payouts.rules import PayoutFacts


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """The payout of one tranche and how far it is. `first_by` is who approved before, where two had to."""

    tranche_id: UUID
    initiative_id: UUID
    payee_id: UUID
    number: int
    gifts_cents: int
    deposits_cents: int
    match_cents: int
    state: str
    first_at: datetime | None
    first_by: UUID | None
    approved_at: datetime
    approved_by: UUID
    sent_at: datetime | None
    lines: int
    lines_sent: int

    @property
    def total_cents(self) -> int:
        """Everything it pays."""
        return self.gifts_cents + self.deposits_cents + self.match_cents


@dataclass(frozen=True, slots=True)
class ToPayOut:
    """A funded campaign that was not paid out in full, and what its next tranche waits for. Amounts in cents."""

    initiative_id: UUID
    slug: str
    title: str
    payee_state: str | None
    match_cents: int
    match_received_cents: int
    number: int
    tranches: int
    approved_reports: int
    is_undecided: bool
    is_stopped: bool


_RECEIVED = (
    select(func.coalesce(func.sum(MatchReceipt.amount_cents), 0))
    .where(MatchReceipt.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
)
# Of several the one that is not closed, else the one that was closed last.
_LATEST = (Payee.state == "closed", Payee.started_at.desc())
_PAYEE_STATE = (
    select(Payee.state)
    .where(Payee.initiative_id == bindparam("initiative_id"))
    .order_by(*_LATEST)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_FACTS = select(
    Initiative.state,
    _PAYEE_STATE.label("payee_state"),
    _RECEIVED.label("match_received_cents"),
    select(func.count())
    .select_from(Payout)
    .where(Payout.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
    .label("payouts"),
    select(func.count())
    .select_from(Tranche)
    .where(Tranche.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
    .label("tranches"),
    select(TranchePlan.set_at.is_(None))
    .where(TranchePlan.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
    .label("is_undecided"),
    exists().where(PayoutStop.initiative_id == bindparam("initiative_id")).label("is_stopped"),
).where(Initiative.id == bindparam("initiative_id"))
_PAYOUTS = (
    select(
        Payout.tranche_id,
        Payout.initiative_id,
        Payout.payee_id,
        Tranche.number,
        Payout.gifts_cents,
        Payout.deposits_cents,
        Payout.match_cents,
        Payout.state,
        Payout.first_at,
        Payout.first_by,
        Payout.approved_at,
        Payout.approved_by,
        Payout.sent_at,
        func.count(PayoutLine.id).filter(PayoutLine.state != "cancelled").label("lines"),
        func.count(PayoutLine.id).filter(PayoutLine.state == "sent").label("lines_sent"),
    )
    .join(Tranche, Tranche.id == Payout.tranche_id)
    .outerjoin(PayoutLine, PayoutLine.tranche_id == Payout.tranche_id)
    .where(Payout.initiative_id == bindparam("initiative_id"))
    .group_by(Payout.tranche_id, Tranche.number)
    .order_by(Tranche.number)
)
_WAITING = (
    select(Initiative.id, Initiative.slug, Initiative.title)
    .where(
        Initiative.municipality_id == bindparam("municipality_id"),
        Initiative.state == "funded",
        or_(
            ~exists().where(Payout.initiative_id == Initiative.id),
            exists().where(
                Tranche.initiative_id == Initiative.id,
                ~exists().where(Payout.tranche_id == Tranche.id).correlate(Tranche),
            ),
        ),
    )
    .order_by(Initiative.deadline_at, Initiative.id)
    .limit(literal_column("200"))
)


def payee(session: Session, *, initiative_id: UUID) -> Payee | None:
    """Return who receives the money of an initiative, or None before onboarding began; a closed one while no other."""
    return session.scalars(select(Payee).where(Payee.initiative_id == initiative_id).order_by(*_LATEST)).first()


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
        is_paid_out=row.payouts > 0 and row.payouts == row.tranches,
        team=frozenset(team),
        number=row.payouts + 1,
        approved_reports=approved_reports(session, initiative_id=initiative_id),
        is_undecided=bool(row.is_undecided),
        tranches=row.tranches,
        is_stopped=row.is_stopped,
    )


def payouts(session: Session, *, initiative_id: UUID) -> list[PayoutRow]:
    """Return the payouts of a campaign that were approved, the first tranche first."""
    return [PayoutRow(**row._asdict()) for row in session.execute(_PAYOUTS, {"initiative_id": initiative_id})]


def payout(session: Session, *, initiative_id: UUID, number: int = 1) -> PayoutRow | None:
    """Return the payout of one tranche of a campaign, or None before it was approved."""
    found = [one for one in payouts(session, initiative_id=initiative_id) if one.number == number]
    return found[0] if found else None


def is_refund_sent(session: Session, *, refund_ref: str) -> bool:
    """Whether this is a refund of ours that was sent and, as far as we know, did not come back."""
    found = session.execute(select(Refund.id).where(Refund.refund_ref == refund_ref, Refund.state == "succeeded"))
    return found.first() is not None


def refund_under_way(session: Session, *, pledge_id: UUID) -> bool:
    """Whether this gift is about to go back the way it came."""
    found = session.execute(select(Refund.id).where(Refund.pledge_id == pledge_id, Refund.state == "planned"))
    return found.first() is not None


def match_receipt(session: Session, *, initiative_id: UUID) -> MatchReceipt | None:
    """Return when and how the municipality's share arrived, or None before it did."""
    return session.get(MatchReceipt, initiative_id)


def waiting_for_payout(session: Session, *, municipality_id: UUID) -> list[ToPayOut]:
    """Return the funded campaigns that were not paid out in full, longest funded first, at most 200."""
    rows = session.execute(_WAITING, {"municipality_id": municipality_id}).all()
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
                number=facts.number,
                tranches=max(facts.tranches, 1),
                approved_reports=facts.approved_reports,
                is_undecided=facts.is_undecided,
                is_stopped=facts.is_stopped,
            )
        )
    return found
