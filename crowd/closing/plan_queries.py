"""Reading near misses and their revised plans."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Text, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.closing.models import FinalDecision, NearMiss, RevisedLine, RevisedPlan
from crowd.closing.plan_rules import Plan, Step, Terms, step_of
from crowd.initiatives.content_rules import Line
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Neighbourhood
from crowd.pledges.models import Pledge
from crowd.shared.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMissRow:
    """What was found when collecting ended, what is left of it now, and where its plan is. `is_decided`: it is over.

    The last fields are the plan's; they are empty while nobody began one.
    """

    initiative_id: UUID
    found_at: datetime
    minimum_cents: int
    collected_cents: int
    collected_count: int
    match_cents: int
    plan_until: datetime
    left_cents: int
    left_count: int
    left_match_cents: int
    is_decided: bool
    plan_state: str
    plan_minimum_cents: int | None
    what_changes: str
    why: str
    submitted_at: datetime | None
    submitted_by: UUID | None
    answer_until: datetime | None
    decided_at: datetime | None
    reason: str
    donors_until: datetime | None

    @property
    def there_is(self) -> Money:
        """What is left, with the match on it."""
        return Money(self.left_cents + self.left_match_cents)

    @property
    def terms(self) -> Terms:
        """Until when each may act."""
        return Terms(
            plan_until=self.plan_until,
            plan_state=self.plan_state,
            answer_until=self.answer_until,
            donors_until=self.donors_until,
        )

    def step(self, *, now: datetime) -> Step | None:
        """Whose turn it is at `now`; None once it was decided."""
        return None if self.is_decided else step_of(self.terms, now=now)


_EMPTY: Final = literal_column("''", Text)
_NEAR_MISS = (
    select(
        NearMiss.initiative_id,
        NearMiss.found_at,
        NearMiss.minimum_cents,
        NearMiss.collected_cents,
        NearMiss.collected_count,
        NearMiss.match_cents,
        NearMiss.plan_until,
        NearMiss.left_cents,
        NearMiss.left_count,
        NearMiss.left_match_cents,
        FinalDecision.initiative_id.is_not(None).label("is_decided"),
        func.coalesce(RevisedPlan.state, _EMPTY).label("plan_state"),
        RevisedPlan.minimum_cents.label("plan_minimum_cents"),
        func.coalesce(RevisedPlan.what_changes, _EMPTY).label("what_changes"),
        func.coalesce(RevisedPlan.why, _EMPTY).label("why"),
        RevisedPlan.submitted_at,
        RevisedPlan.submitted_by,
        RevisedPlan.answer_until,
        RevisedPlan.decided_at,
        func.coalesce(RevisedPlan.reason, _EMPTY).label("reason"),
        RevisedPlan.donors_until,
    )
    .outerjoin(RevisedPlan, RevisedPlan.initiative_id == NearMiss.initiative_id)
    .outerjoin(FinalDecision, FinalDecision.initiative_id == NearMiss.initiative_id)
    .where(NearMiss.initiative_id == bindparam("initiative_id"))
)
_NEAR_MISS_LOCKED = _NEAR_MISS.with_for_update(of=NearMiss)
_LINES = (
    select(RevisedLine.label, RevisedLine.amount_cents)
    .where(RevisedLine.initiative_id == bindparam("initiative_id"), RevisedLine.side == bindparam("side"))
    .order_by(RevisedLine.position)
)
_ENDS_AT = func.coalesce(RevisedPlan.donors_until, RevisedPlan.answer_until, NearMiss.plan_until)
_OVER = (
    select(NearMiss.initiative_id)
    .join(Initiative, Initiative.id == NearMiss.initiative_id)
    .outerjoin(RevisedPlan, RevisedPlan.initiative_id == NearMiss.initiative_id)
    .where(
        Initiative.state == "near_miss",
        or_(
            RevisedPlan.state == "refused",
            bindparam("now") >= _ENDS_AT,
        ),
    )
    .order_by(NearMiss.found_at, NearMiss.initiative_id)
    .limit(literal_column("100"))
)
_ENDING = (
    select(NearMiss.initiative_id, func.coalesce(RevisedPlan.state, _EMPTY))
    .join(Initiative, Initiative.id == NearMiss.initiative_id)
    .outerjoin(RevisedPlan, RevisedPlan.initiative_id == NearMiss.initiative_id)
    .where(
        Initiative.state == "near_miss",
        func.coalesce(RevisedPlan.state, _EMPTY) != literal_column("'refused'"),
        bindparam("now") < _ENDS_AT,
        bindparam("until") >= _ENDS_AT,
    )
    .order_by(NearMiss.initiative_id)
)
_LEFT = select(func.coalesce(func.sum(Pledge.amount_cents), 0), func.count()).where(
    Pledge.initiative_id == bindparam("initiative_id"), Pledge.state == "collected", Pledge.going_back_at.is_(None)
)


def near_miss(session: Session, *, initiative_id: UUID, lock: bool = False) -> NearMissRow | None:
    """Return the near miss a campaign is or was, or None; `lock`: it is ours until the transaction ends."""
    statement = _NEAR_MISS_LOCKED if lock else _NEAR_MISS
    row = session.execute(statement, {"initiative_id": initiative_id}).first()
    return NearMissRow(**row._asdict()) if row else None


def near_misses_over(session: Session, *, now: datetime) -> list[UUID]:
    """Return near misses of which nobody's answer is awaited any more, oldest first; at most 100."""
    return list(session.scalars(_OVER, {"now": now}))


def near_misses_ending(session: Session, *, now: datetime, until: datetime) -> list[tuple[UUID, str]]:
    """Return (initiative, state of its plan) of every near miss whose term ends after `now` and at `until` at last."""
    return [(row[0], row[1]) for row in session.execute(_ENDING, {"now": now, "until": until})]


def lines(session: Session, *, initiative_id: UUID, side: str = "after") -> tuple[Line, ...]:
    """Return the lines of a revised plan as they are to be, or with "before" as they were when it was handed in."""
    found = session.execute(_LINES, {"initiative_id": initiative_id, "side": side})
    return tuple(Line(label=label, amount=Money(cents)) for label, cents in found)


def plan_of(session: Session, *, found: NearMissRow) -> Plan:
    """Return the revised plan as far as it was written."""
    return Plan(
        lines=lines(session, initiative_id=found.initiative_id),
        minimum=None if found.plan_minimum_cents is None else Money(found.plan_minimum_cents),
        what_changes=found.what_changes,
        why=found.why,
    )


def what_is_left(session: Session, *, initiative_id: UUID) -> tuple[Money, int]:
    """Return what was collected for a campaign and stays, and of how many gifts that is."""
    cents, count = session.execute(_LEFT, {"initiative_id": initiative_id}).one()
    return Money(int(cents)), int(count)


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """A revised plan that waits for the municipality's answer."""

    slug: str
    title: str
    initiator: str
    neighbourhood: str
    submitted_at: datetime | None
    answer_until: datetime | None


_WAITING = (
    select(
        Initiative.slug,
        Initiative.title,
        Person.name,
        func.coalesce(Neighbourhood.name, _EMPTY),
        RevisedPlan.submitted_at,
        RevisedPlan.answer_until,
    )
    .join(Initiative, Initiative.id == RevisedPlan.initiative_id)
    .join(Person, Person.id == RevisedPlan.submitted_by)
    .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
    .where(
        Initiative.municipality_id == bindparam("municipality_id"),
        Initiative.state == "near_miss",
        RevisedPlan.state == literal_column("'submitted'"),
    )
    .order_by(RevisedPlan.answer_until, Initiative.id)
    .limit(literal_column("100"))
)


def waiting_plans(session: Session, *, municipality_id: UUID) -> list[WaitingPlan]:
    """Return the revised plans that wait for an answer, the most urgent first; at most 100."""
    return [WaitingPlan(*row) for row in session.execute(_WAITING, {"municipality_id": municipality_id})]
