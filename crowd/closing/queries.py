"""Reading how campaigns were weighed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from crowd.closing.models import Closing, FinalDecision
from crowd.initiatives.models import Initiative
from crowd.pledges.rules import GRACE_TO_FINISH


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """What was promised at the deadline."""

    initiative_id: UUID
    closed_at: datetime
    minimum_cents: int
    secured_cents: int
    secured_count: int
    match_cents: int
    outcome: str
    collect_until: datetime


@dataclass(frozen=True, slots=True)
class FinalDecisionRow:
    """What was collected, and the outcome."""

    initiative_id: UUID
    decided_at: datetime
    collected_cents: int
    collected_count: int
    match_cents: int
    outcome: str


_DUE = (
    select(Initiative.id)
    .where(Initiative.state == "live", Initiative.deadline_at <= bindparam("before"))
    .order_by(Initiative.deadline_at, Initiative.id)
    .limit(literal_column("100"))
)
_CLOSING = select(
    Closing.initiative_id,
    Closing.closed_at,
    Closing.minimum_cents,
    Closing.secured_cents,
    Closing.secured_count,
    Closing.match_cents,
    Closing.outcome,
    Closing.collect_until,
).where(Closing.initiative_id == bindparam("initiative_id"))
_FINAL = select(
    FinalDecision.initiative_id,
    FinalDecision.decided_at,
    FinalDecision.collected_cents,
    FinalDecision.collected_count,
    FinalDecision.match_cents,
    FinalDecision.outcome,
).where(FinalDecision.initiative_id == bindparam("initiative_id"))
_COLLECT_UNTIL = select(Closing.collect_until).where(Closing.initiative_id == bindparam("initiative_id"))


def due_campaigns(session: Session, *, now: datetime) -> list[UUID]:
    """Return live campaigns whose deadline, and the time to finish a payment page, have passed; oldest first."""
    return list(session.scalars(_DUE, {"before": now - GRACE_TO_FINISH}))


def collecting_campaigns(session: Session) -> list[UUID]:
    """Return the campaigns whose money is being collected."""
    return list(session.scalars(select(Initiative.id).where(Initiative.state == "collecting").order_by(Initiative.id)))


def closing(session: Session, *, initiative_id: UUID) -> ClosingRow | None:
    """Return how a campaign stood at its deadline, or None before it."""
    row = session.execute(_CLOSING, {"initiative_id": initiative_id}).first()
    return ClosingRow(**row._asdict()) if row else None


def final_decision(session: Session, *, initiative_id: UUID) -> FinalDecisionRow | None:
    """Return the final outcome of a campaign, or None before it."""
    row = session.execute(_FINAL, {"initiative_id": initiative_id}).first()
    return FinalDecisionRow(**row._asdict()) if row else None


def collect_until(session: Session, *, initiative_id: UUID) -> datetime:
    """Return when collecting of a closed campaign ends."""
    return session.execute(_COLLECT_UNTIL, {"initiative_id": initiative_id}).scalar_one()


_ENDINGS = (
    select(Initiative.id, Initiative.state, Closing.outcome.label("at_deadline"), FinalDecision.match_cents)
    .outerjoin(Closing, Closing.initiative_id == Initiative.id)
    .outerjoin(FinalDecision, FinalDecision.initiative_id == Initiative.id)
    .where(Initiative.id.in_(bindparam("initiative_ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a campaign stands, and by which road: `at_deadline` is empty until it was closed."""

    initiative_id: UUID
    state: str
    at_deadline: str | None
    match_cents: int | None


def endings(session: Session, *, initiative_ids: Collection[UUID]) -> list[Ending]:
    """Return how these campaigns ended, or where they stand."""
    return [Ending(*row) for row in session.execute(_ENDINGS, {"initiative_ids": list(initiative_ids)})]
