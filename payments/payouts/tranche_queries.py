"""Reading the plan of a payout: its tranches, what is left for each, and who approved what."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge
from crowd.pledges.rules import OFFLINE_WAYS
from payments.ledger.queries import funds_moved_cents
from payments.payouts.models import Payout, PayoutApproval, PayoutLine, Refund, Tranche, TranchePlan
from payments.payouts.tranche_rules import Part


@dataclass(frozen=True, slots=True)
class TrancheRow:
    """One planned tranche. Amounts in cents; `milestone` is what will have been done by then."""

    id: UUID
    number: int
    amount_cents: int
    match_cents: int
    milestone: str

    @property
    def part(self) -> Part:
        """The same, for the rules."""
        return Part(self.amount_cents, self.match_cents)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """The first of two approvals of a tranche: of whom, when, and for how much."""

    approved_by: UUID
    approved_at: datetime
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Here:
    """Neighbours' money of a campaign that was not paid out yet, in cents; `charges` as (pledge, what is left)."""

    charges: tuple[tuple[UUID, int], ...]
    deposits_cents: int

    @property
    def gifts_cents(self) -> int:
        """What is left of the charges."""
        return sum(cents for _, cents in self.charges)


_TRANCHES = (
    select(Tranche.id, Tranche.number, Tranche.amount_cents, Tranche.match_cents, Tranche.milestone)
    .where(Tranche.initiative_id == bindparam("initiative_id"))
    .order_by(Tranche.number)
)
_APPROVALS = (
    select(PayoutApproval.approved_by, PayoutApproval.approved_at, PayoutApproval.amount_cents)
    .where(PayoutApproval.tranche_id == bindparam("tranche_id"))
    .order_by(PayoutApproval.id)
)
_TAKEN = (
    select(PayoutLine.pledge_id, func.sum(PayoutLine.amount_cents).label("cents"))
    .where(PayoutLine.initiative_id == bindparam("initiative_id"))
    .group_by(PayoutLine.pledge_id)
    .subquery()
)
_CHARGES = (
    select(Pledge.id, Pledge.amount_cents - func.coalesce(_TAKEN.c.cents, 0))
    .outerjoin(_TAKEN, _TAKEN.c.pledge_id == Pledge.id)
    .where(
        Pledge.initiative_id == bindparam("initiative_id"),
        # What is under dispute is planned too, and held until it is won; lost, it is taken out.
        Pledge.state.in_(("collected", "disputed")),
        Pledge.way.not_in(OFFLINE_WAYS),
        Pledge.amount_cents > func.coalesce(_TAKEN.c.cents, 0),
        # A gift whose bank answered after the decision was not counted: it goes back.
        ~exists().where(Refund.pledge_id == Pledge.id),
    )
    .order_by(Pledge.id)
)
_DEPOSITS = select(func.coalesce(func.sum(Pledge.amount_cents), 0)).where(
    Pledge.initiative_id == bindparam("initiative_id"),
    Pledge.state == "collected",
    Pledge.way.in_(OFFLINE_WAYS),
    Pledge.going_back_at.is_(None),
)
_DEPOSITS_TAKEN = select(func.coalesce(func.sum(Payout.deposits_cents), 0)).where(
    Payout.initiative_id == bindparam("initiative_id")
)


def tranches(session: Session, *, initiative_id: UUID) -> list[TrancheRow]:
    """Return the tranches of a campaign's plan, the first one first; none while nobody made a plan."""
    return [TrancheRow(*row) for row in session.execute(_TRANCHES, {"initiative_id": initiative_id})]


def tranche_plan(session: Session, *, initiative_id: UUID) -> TranchePlan | None:
    """Return who proposed and who set the plan, or None while nobody made one."""
    return session.get(TranchePlan, initiative_id)


def approvals(session: Session, *, tranche_id: UUID) -> list[ApprovalRow]:
    """Return who approved a tranche first, where two must; the oldest first."""
    return [ApprovalRow(*row) for row in session.execute(_APPROVALS, {"tranche_id": tranche_id})]


def money_here(session: Session, *, initiative_id: UUID) -> Here:
    """Return neighbours' money of a campaign that no approved payout took yet, charges oldest first."""
    where = {"initiative_id": initiative_id}
    charges = tuple((row[0], int(row[1])) for row in session.execute(_CHARGES, where))
    given = int(session.execute(_DEPOSITS, where).scalar_one())
    taken = int(session.execute(_DEPOSITS_TAKEN, where).scalar_one())
    # Moved here by donors of a cancelled campaign: it leaves by bank, like a deposit.
    moved = funds_moved_cents(session, initiative_id=initiative_id, into=("gift_moved",), out=())
    return Here(charges=charges, deposits_cents=max(given + moved - taken, 0))
