"""A plan to stop as pages show it: its lines in words, and the sums for everybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.shared.money import ZERO, Money
from frontend.views.cancelling import LineState, PartLine, Wish
from frontend.views.initiatives import Stopped
from payments.cancelling import queries
from payments.cancelling.queries import LineRow, PlanRow
from payments.cancelling.rules import Line

_WISHES: Final[Mapping[str, Wish]] = {
    "refund": "refund",
    "bank": "refund",
    "lost": "refund",
    "move": "move",
    "gift": "gift",
    "share": "share",
}


def reference(pledge_id: UUID) -> str:
    """Return by which letters a donor and the counter know a gift."""
    return pledge_id.hex[-8:].upper()


def last_moment(choose_until: datetime) -> datetime:
    """Return the last moment of a half-open term, so that a page names its last day and not the one after."""
    return choose_until - timedelta(microseconds=1)


def wish_of(line: LineRow) -> Wish:
    """Return what happens to a line: what is done with it, else what its donor chose, else back."""
    if line.pledge_id is None:
        return "share"
    return _WISHES[line.way or line.choice or "refund"]


def state_of(line: LineRow) -> LineState:
    """Return how far a line is."""
    if not line.amount_cents:
        return "nothing"
    if line.way == "lost":
        return "lost"
    if line.done_at is not None:
        return "done"
    if line.is_held:
        return "held"
    return "under_way" if line.way else "waits"


def part_lines(rows: Sequence[LineRow]) -> tuple[PartLine, ...]:
    """Return the lines of a plan that was proposed."""
    return tuple(
        PartLine(
            who=row.donor_name,
            reference=reference(row.pledge_id) if row.pledge_id else "",
            gave=Money(row.gave_cents),
            gets=Money(row.amount_cents),
            wish=wish_of(row),
            to_title=(row.to_title or "") if wish_of(row) == "move" else "",
            state=state_of(row),
        )
        for row in rows
    )


def preview_lines(planned: Sequence[Line], names: Mapping[UUID, str]) -> tuple[PartLine, ...]:
    """Return the lines of a plan that nobody proposed yet."""
    return tuple(
        PartLine(
            who=names.get(line.pledge_id, "") if line.pledge_id else "",
            reference=reference(line.pledge_id) if line.pledge_id else "",
            gave=Money(line.gave_cents),
            gets=Money(line.amount_cents),
            wish="refund" if line.pledge_id else "share",
            to_title="",
            state="waits" if line.amount_cents else "nothing",
        )
        for line in planned
    )


def stopped_of(session: Session, *, initiative_id: UUID, now: datetime) -> Stopped | None:
    """Return the sums of an initiative that stopped after it was funded; None for one that stopped before."""
    plan = queries.plan_of(session, initiative_id=initiative_id)
    if plan is None or plan.state != "approved" or plan.choose_until is None:
        return None
    return _stopped(session, plan=plan, choose_until=plan.choose_until, now=now)


def _stopped(session: Session, *, plan: PlanRow, choose_until: datetime, now: datetime) -> Stopped:
    sums = {"returned": ZERO, "moved": ZERO, "given_to_town": ZERO, "lost": ZERO}
    where = {"refund": "returned", "bank": "returned", "move": "moved", "lost": "lost"}
    town = ZERO
    for one in queries.sums(session, plan_id=plan.id):
        if one.is_town:
            town += Money(one.cents)
        if one.is_done:
            sums[where.get(one.way, "given_to_town")] += Money(one.cents)
    return Stopped(
        gave=Money(plan.gave_cents),
        left=Money(plan.left_cents),
        town=town,
        choose_until=last_moment(choose_until),
        is_choosing=now < choose_until,
        **sums,
    )
