"""The parts of a payout as pages show them: what was planned, what was paid, who approved; and reading a typed plan."""

from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.initiatives.queries import campaign_facts
from crowd.shared.money import Money
from frontend.views.payouts import Part, PartState, PayeeState
from payments.payouts.queries import PayoutRow, payouts
from payments.payouts.rules import PayoutFacts
from payments.payouts.tranche_operations import NextTranche, next_tranche
from payments.payouts.tranche_queries import ApprovalRow, TrancheRow, approvals, money_here, tranches
from payments.payouts.tranche_rules import (
    TRANCHES_MAX,
    MilestoneMissing,
    PartTooSmall,
    PlanDoesNotAddUp,
    TooManyParts,
)

PLAN_ROWS: Final = 4
PLAN_REFUSALS: Final = (PlanDoesNotAddUp, PartTooSmall, TooManyParts, MilestoneMissing)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the parts of one payout stand. `said_first` approved exactly what the next part pays; `typed` is the plan."""

    parts: tuple[Part, ...]
    coming: NextTranche | None
    said_first: frozenset[UUID]
    may_plan: bool
    typed: dict[str, str]


def standing_of(session: Session, *, initiative_id: UUID, facts: PayoutFacts) -> Standing:
    """Return how the parts of a payout stand; without a plan there is one part, which is everything."""
    planned = tranches(session, initiative_id=initiative_id)
    paid = {one.tranche_id: one for one in payouts(session, initiative_id=initiative_id)}
    coming = None
    said: list[ApprovalRow] = []
    if not facts.is_paid_out:
        home = campaign_facts(session, initiative_id=initiative_id).municipality_id
        coming = next_tranche(session, initiative_id=initiative_id, municipality_id=home, facts=facts)
        if coming.tranche_id:
            found = approvals(session, tranche_id=coming.tranche_id)
            said = [one for one in found if one.amount_cents == coming.parts.total_cents]
    if not planned:
        here = money_here(session, initiative_id=initiative_id)
        whole = here.gifts_cents + here.deposits_cents + facts.match_cents
        planned = [TrancheRow(initiative_id, 1, whole, facts.match_cents, "")]
    return Standing(
        parts=tuple(_part(session, one, paid.get(one.id), facts, said) for one in planned),
        coming=coming,
        said_first=frozenset(one.approved_by for one in said),
        may_plan=not paid and not said,
        typed=_typed(planned),
    )


def read_plan(typed: dict[str, str]) -> tuple[list[int], list[str]]:
    """Return the percentages and milestones of a typed plan, empty rows left out. Raises PartTooSmall."""
    percents, milestones = [], []
    for number in range(1, TRANCHES_MAX + 1):
        percent = typed.get(f"percent-{number}", "").strip().rstrip("%").strip()
        milestone = typed.get(f"milestone-{number}", "").strip()
        if not percent and not milestone:
            continue
        if not percent.isascii() or not percent.isdigit():
            raise PartTooSmall(field=f"percent-{number}")
        percents.append(int(percent))
        milestones.append(milestone)
    return percents, milestones


def payee_state(state: str | None) -> PayeeState:
    """Return how the payee stands, in the page's words."""
    return cast("PayeeState", state) if state in {"started", "ready", "closed"} else "none"


def _part(
    session: Session, one: TrancheRow, paid: PayoutRow | None, facts: PayoutFacts, said: list[ApprovalRow]
) -> Part:
    state: PartState = "later"
    if paid is not None:
        state = "sent" if paid.sent_at else "approved"
    elif one.number == facts.number:
        state = "report" if facts.approved_reports < one.number - 1 else "next"
    first = said[0] if said and one.number == facts.number else None
    first_by = paid.first_by if paid else (first.approved_by if first else None)
    return Part(
        number=one.number,
        milestone=one.milestone,
        amount=Money(paid.total_cents if paid else one.amount_cents),
        match=Money(one.match_cents),
        state=state,
        first_by=_name(session, first_by),
        first_at=paid.first_at if paid else (first.approved_at if first else None),
        approved_by=_name(session, paid.approved_by if paid else None),
        approved_at=paid.approved_at if paid else None,
        sent_at=paid.sent_at if paid else None,
        lines=paid.lines if paid else 0,
        lines_sent=paid.lines_sent if paid else 0,
    )


def _name(session: Session, person_id: UUID | None) -> str:
    """Return who it was: a name, else the address they sign in with."""
    found = person(session, person_id=person_id) if person_id else None
    return (found.name or found.email or "") if found else ""


def _typed(planned: list[TrancheRow]) -> dict[str, str]:
    """Return a plan as it would be typed: whole percentages, which is what it was made of."""
    whole = sum(one.amount_cents for one in planned)
    if not whole or len(planned) == 1:
        return {}
    typed = {}
    # By largest remainder again: the amounts were made of whole percentages, and so give them back.
    for one, percent in zip(planned, Money(100).split([one.amount_cents for one in planned]), strict=True):
        typed[f"percent-{one.number}"] = str(percent.cents)
        typed[f"milestone-{one.number}"] = one.milestone
    return typed
