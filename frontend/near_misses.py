"""From what the database says of a near miss to what its pages show."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.closing import plan_queries as queries
from crowd.closing.plan_queries import NearMissRow
from crowd.initiatives.content_rules import Line
from crowd.initiatives.queries import content
from crowd.shared.money import ZERO, Money
from frontend.views.initiatives import BudgetLine, NearMiss, Revision

# A moment before a half-open end, so that a page names the last day and not the one after.
_BEFORE: Final = timedelta(microseconds=1)


def read_near_miss(session: Session, *, initiative_id: UUID, now: datetime) -> tuple[NearMiss | None, Revision | None]:
    """Return where a near miss is, nothing once it was decided; and its smaller plan once that was confirmed."""
    found = queries.near_miss(session, initiative_id=initiative_id)
    if found is None:
        return None, None
    revision = revision_view(session, found) if found.plan_state == "confirmed" else None
    return near_miss_view(found, now=now), revision


def near_miss_view(found: NearMissRow, *, now: datetime) -> NearMiss | None:
    """Return whose turn it is and until when, and what is missing of the minimum that counts now."""
    step = found.step(now=now)
    if step is None:
        return None
    ends = {"plan": found.plan_until, "answer": found.answer_until, "donors": found.donors_until}.get(step)
    is_confirmed = found.plan_state == "confirmed"
    minimum = found.plan_minimum_cents if is_confirmed and found.plan_minimum_cents else found.minimum_cents
    return NearMiss(
        step=step if step in {"plan", "answer", "donors"} else "over",
        missing=max(Money(minimum) - found.there_is, ZERO),
        until=None if ends is None else ends - _BEFORE,
    )


def revision_view(session: Session, found: NearMissRow) -> Revision:
    """Return the smaller plan as far as it was written, beside the plan it comes from."""
    initiative_id = found.initiative_id
    before = queries.lines(session, initiative_id=initiative_id, side="before")
    if not before:
        before = content(session, initiative_id=initiative_id).budget.lines
    return Revision(
        what_changes=found.what_changes,
        why=found.why,
        minimum_before=Money(found.minimum_cents),
        minimum=Money(found.plan_minimum_cents or 0),
        before=_lines(before),
        after=_lines(queries.lines(session, initiative_id=initiative_id)),
    )


def _lines(lines: tuple[Line, ...]) -> tuple[BudgetLine, ...]:
    return tuple(BudgetLine(label=line.label, amount=line.amount or ZERO) for line in lines)
