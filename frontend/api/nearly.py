"""What the API tells of an initiative that nearly made it: whose turn it is, what is left, and the smaller plan."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from crowd.closing import plan_queries as queries
from frontend.api.shapes import Cents, Shape
from frontend.near_misses import near_miss_view, revision_view
from frontend.views.initiatives import BudgetLine


class PlanLine(Shape):
    """One thing to be paid."""

    label: str
    amount_cents: Cents


class SmallerPlan(Shape):
    """A smaller plan that the municipality agreed with, beside the plan it comes from."""

    what_changes: str = Field(description="Markdown.")
    why: str = Field(description="Markdown.")
    minimum_before_cents: Cents
    minimum_cents: Cents
    before: list[PlanLine]
    after: list[PlanLine]


class NearlyMade(Shape):
    """Where an initiative is, or was, that collected at least 80% of its minimum and less than it needed."""

    step: Literal["plan", "answer", "donors", "over", "decided"] = Field(
        description="plan: the initiator may write a smaller plan. answer: the municipality answers it."
        " donors: whoever gave may take their money back. over: the outcome follows within minutes. decided: see state."
    )
    until: datetime | None = Field(description="When this step ends; null when it is over.")
    missing_cents: Cents = Field(description="Of the minimum that counts at this step.")
    collected_cents: Cents = Field(description="From neighbours, when collecting ended.")
    left_cents: Cents = Field(description="Of that, what was not taken back since.")
    plan: SmallerPlan | None = Field(description="Once the municipality agreed; else null.")


def nearly_made_shape(session: Session, *, initiative_id: UUID, now: datetime) -> NearlyMade | None:
    """Return where a near miss is or was; None of any other initiative."""
    found = queries.near_miss(session, initiative_id=initiative_id)
    if found is None:
        return None
    view = near_miss_view(found, now=now)
    ends = {"plan": found.plan_until, "answer": found.answer_until, "donors": found.donors_until}
    return NearlyMade(
        step="decided" if view is None else view.step,
        until=None if view is None else ends.get(view.step),
        missing_cents=0 if view is None else view.missing.cents,
        collected_cents=found.collected_cents,
        left_cents=found.left_cents,
        plan=_plan(session, found) if found.plan_state == "confirmed" else None,
    )


def _plan(session: Session, found: queries.NearMissRow) -> SmallerPlan:
    revision = revision_view(session, found)
    return SmallerPlan(
        what_changes=revision.what_changes,
        why=revision.why,
        minimum_before_cents=revision.minimum_before.cents,
        minimum_cents=revision.minimum.cents,
        before=_lines(revision.before),
        after=_lines(revision.after),
    )


def _lines(lines: tuple[BudgetLine, ...]) -> list[PlanLine]:
    return [PlanLine(label=line.label, amount_cents=line.amount.cents) for line in lines]
