"""The life of a near miss: the plan is revised, answered, weighed by its donors, and the campaign decided once more.

Locks: the campaign (shared by donors, exclusively by who decides), the pledge, then the near miss.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from crowd.closing import plan_queries as queries
from crowd.closing.models import NearMiss, RevisedLine, RevisedPlan
from crowd.closing.operations import decide_finally, recomputed_match
from crowd.closing.plan_queries import NearMissRow
from crowd.closing.plan_rules import (
    ANSWER_IS_AWAITED,
    DONORS_DECIDE,
    REMINDED_BEFORE,
    NotANearMiss,
    NothingToAnswer,
    NothingToTakeBack,
    OwnPlan,
    Plan,
    PlanHandedIn,
    check_answer,
    check_draft,
    check_may_revise,
    check_plan,
    may_answer,
    may_revise,
)
from crowd.closing.queries import FinalDecisionRow, final_decision
from crowd.closing.rules import outcome_on_revised_plan
from crowd.initiatives.models import BudgetLine, Initiative
from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.pledges.queries import PledgeRow
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.money import Money


def save_plan(session: Session, *, initiative_id: UUID, plan: Plan, actor: Actor, now: datetime) -> None:
    """Keep a revised plan as far as it was written; nobody else reads it until it is handed in.

    Raises InvalidFields for what cannot be right, NotANearMiss, TooLateToRevise, PlanHandedIn, NotYourInitiative.
    """
    _revising(session, initiative_id=initiative_id, actor=actor, now=now)
    check_draft(plan, today=local_date(now))
    values = {
        "minimum_cents": plan.minimum.cents if plan.minimum else None,
        "what_changes": plan.what_changes,
        "why": plan.why,
        "edited_at": now,
        "edited_by": actor.person_id,
    }
    session.execute(
        upsert(RevisedPlan)
        .values(initiative_id=initiative_id, **values)
        .on_conflict_do_update(index_elements=[RevisedPlan.initiative_id], set_=values)
    )
    session.execute(delete(RevisedLine).where(RevisedLine.initiative_id == initiative_id))
    _write_lines(
        session, initiative_id=initiative_id, side="after", lines=[(one.label, one.amount) for one in plan.lines]
    )


def submit_plan(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> None:
    """Hand the kept plan in: it stands still from now on, beside the plan as it was. Twice is once.

    Raises InvalidFields that names everything still missing, and as `save_plan`.
    """
    try:
        found = _revising(session, initiative_id=initiative_id, actor=actor, now=now)
    except PlanHandedIn:
        return
    campaign = campaign_facts(session, initiative_id=initiative_id)
    before = Money(campaign.minimum_cents or 0)
    check_plan(queries.plan_of(session, found=found), minimum=before, there_is=found.there_is, today=local_date(now))
    session.execute(
        update(RevisedPlan)
        .where(RevisedPlan.initiative_id == initiative_id)
        .values(
            state="submitted",
            minimum_before_cents=before.cents,
            submitted_at=now,
            submitted_by=actor.person_id,
            answer_until=now + ANSWER_IS_AWAITED,
        )
    )
    was = session.execute(
        select(BudgetLine.label, BudgetLine.amount_cents)
        .where(BudgetLine.initiative_id == initiative_id)
        .order_by(BudgetLine.position)
    ).all()
    _write_lines(
        session, initiative_id=initiative_id, side="before", lines=[(label, Money(cents)) for label, cents in was]
    )
    _say(session, action="plan.handed_in", initiative_id=initiative_id, actor=actor, now=now)


def answer_plan(
    session: Session, *, initiative_id: UUID, outcome: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Confirm a revised plan, which gives donors their term, or refuse it with a reason. Everybody is told.

    Raises InvalidFields, NothingToAnswer, OwnPlan, and who may not.
    """
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    if denial := may_answer(actor, facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)):
        raise denial
    found = queries.near_miss(session, initiative_id=initiative_id, lock=True)
    if found is None or found.step(now=now) != "answer":
        raise NothingToAnswer
    if found.submitted_by == actor.person_id:
        raise OwnPlan
    reason = check_answer(outcome=outcome, reason=reason)
    donors_until = now + DONORS_DECIDE if outcome == "confirmed" else None
    session.execute(
        update(RevisedPlan)
        .where(RevisedPlan.initiative_id == initiative_id)
        .values(state=outcome, decided_at=now, decided_by=actor.person_id, reason=reason, donors_until=donors_until)
    )
    # From now on the match stops at the revised minimum.
    weigh_again(session, initiative_id=initiative_id)
    _say(session, action=f"plan.{outcome}", initiative_id=initiative_id, actor=actor, now=now, facts={"reason": reason})
    outbox.add(
        session,
        kind=f"plan.{outcome}",
        args={"initiative_id": str(initiative_id)},
        dedupe_key=f"plan.{outcome}/{initiative_id}",
    )


def remind(session: Session, *, now: datetime) -> int:
    """Tell whose turn it is, once, that the term ends within days; return of how many near misses.

    The team of a plan that was not handed in, whoever answers one that was, and donors who may still take back.
    """
    ending = queries.near_misses_ending(session, now=now, until=now + REMINDED_BEFORE)
    for initiative_id, plan_state in ending:
        turn = {"submitted": "answering", "confirmed": "choosing"}.get(plan_state, "writing")
        outbox.add(
            session,
            kind=f"plan.{turn}_ends",
            args={"initiative_id": str(initiative_id)},
            dedupe_key=f"plan.{turn}_ends/{initiative_id}",
        )
    return len(ending)


def check_take_back(session: Session, *, pledge: PledgeRow, now: datetime) -> None:
    """Return when this donor may take a collected gift back: after the confirmation, within the donors' term.

    The caller holds the campaign's shared lock and the pledge's. Raises NothingToTakeBack.
    """
    found = queries.near_miss(session, initiative_id=pledge.initiative_id)
    is_kept = pledge.state == "collected" and pledge.going_back_at is None
    if found is None or found.step(now=now) != "donors" or not is_kept:
        raise NothingToTakeBack


def weigh_again(session: Session, *, initiative_id: UUID) -> None:
    """Write down what is left of a near miss, and the match on it: what everybody reads. Else nothing happens.

    Call it after whatever changed that, in the same transaction.
    """
    found = queries.near_miss(session, initiative_id=initiative_id, lock=True)
    if found is None or found.is_decided:
        return
    left, count = queries.what_is_left(session, initiative_id=initiative_id)
    match = recomputed_match(session, initiative_id=initiative_id, goal=_goal(found))
    session.execute(
        update(NearMiss)
        .where(NearMiss.initiative_id == initiative_id)
        .values(left_cents=left.cents, left_count=count, left_match_cents=match.cents)
    )


def decide_near_miss(session: Session, *, initiative_id: UUID, now: datetime) -> FinalDecisionRow | None:
    """Decide a near miss once more and finally, on what is left; None while somebody's answer is awaited.

    Confirmed, and what is left reaches the revised minimum: funded on the revised plan, which from now on is the
    plan. Otherwise unfunded. Deciding twice gives the first result. Raises NotANearMiss.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    earlier = final_decision(session, initiative_id=initiative_id)
    if earlier is not None:
        return earlier
    found = queries.near_miss(session, initiative_id=initiative_id, lock=True)
    if found is None:
        raise NotANearMiss
    step = found.step(now=now)
    if step not in {"decide", "give_back"}:
        return None
    left, count = queries.what_is_left(session, initiative_id=initiative_id)
    goal = _goal(found)
    match = recomputed_match(session, initiative_id=initiative_id, goal=goal)
    outcome: Literal["funded", "unfunded"] = "unfunded"
    if step == "decide" and goal is not None:
        outcome = outcome_on_revised_plan(left=left, match=match, minimum=goal)
    if outcome == "funded" and goal is not None:
        _adopt(session, found=found, minimum=goal)
    return decide_finally(
        session, campaign=campaign, outcome=outcome, collected=left, count=count, match=match, now=now
    )


def _revising(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> NearMissRow:
    """Lock the campaign and return its near miss when the actor may write the plan now; raise why not otherwise."""
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    if denial := may_revise(actor, facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)):
        raise denial
    found = queries.near_miss(session, initiative_id=initiative_id, lock=True)
    if found is None or found.is_decided:
        raise NotANearMiss
    check_may_revise(found.terms, now=now)
    return found


def _goal(found: NearMissRow) -> Money | None:
    """Return the revised minimum once it was confirmed; None while the one that was missed still counts."""
    if found.plan_state != "confirmed" or found.plan_minimum_cents is None:
        return None
    return Money(found.plan_minimum_cents)


def _adopt(session: Session, *, found: NearMissRow, minimum: Money) -> None:
    """Let the revised plan be the plan; what was before stands beside it in the revised plan's own rows."""
    initiative_id = found.initiative_id
    session.execute(update(Initiative).where(Initiative.id == initiative_id).values(minimum_cents=minimum.cents))
    session.execute(delete(BudgetLine).where(BudgetLine.initiative_id == initiative_id))
    session.execute(
        insert(BudgetLine),
        [
            {
                "initiative_id": initiative_id,
                "position": position,
                "label": line.label,
                "amount_cents": line.amount.cents if line.amount else 0,
            }
            for position, line in enumerate(queries.lines(session, initiative_id=initiative_id))
        ],
    )


def _write_lines(session: Session, *, initiative_id: UUID, side: str, lines: list[tuple[str, Money | None]]) -> None:
    rows = [
        {
            "initiative_id": initiative_id,
            "side": side,
            "position": position,
            "label": label,
            "amount_cents": amount.cents if amount else 0,
        }
        for position, (label, amount) in enumerate(lines)
    ]
    if rows:
        session.execute(insert(RevisedLine), rows)


def _say(
    session: Session,
    *,
    action: str,
    initiative_id: UUID,
    actor: Actor,
    now: datetime,
    facts: dict[str, str | int | bool | None] | None = None,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts=facts or {},
    )
