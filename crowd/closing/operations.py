"""Closing a campaign at its deadline, and deciding it once its money was collected.

Locks: the campaign exclusively, so no pledge can be made, secured or withdrawn meanwhile.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from crowd.closing import queries
from crowd.closing.models import Closing, FinalDecision, NearMiss
from crowd.closing.plan_rules import PLAN_IS_AWAITED
from crowd.closing.queries import ClosingRow, FinalDecisionRow
from crowd.closing.rules import NotDueYet, collecting_ends_at, outcome_after_collecting, outcome_at_deadline
from crowd.cofunding.counted_queries import matches_on
from crowd.cofunding.operations import confirm_all, release_all
from crowd.cofunding.queries import reserved_cents
from crowd.grants.operations import fix_grant, lapse
from crowd.grants.queries import award
from crowd.initiatives.operations import change_state
from crowd.initiatives.queries import CampaignFactsRow, campaign_facts
from crowd.pledges.operations import abandon_promises, release_pledges
from crowd.pledges.queries import lock_pledges
from crowd.pledges.rules import GRACE_TO_FINISH
from crowd.shared import outbox
from crowd.shared.actor import system
from crowd.shared.money import ZERO, Money


def close_campaign(session: Session, *, initiative_id: UUID, now: datetime) -> ClosingRow:
    """Weigh a campaign whose deadline has passed, freeze what was found, and return it.

    Crowd money plus the match that was awarded, as far as it was reserved, against the minimum: reached, and
    collecting starts; not reached, and every pledge is released. Closing twice gives the first result. Raises
    NotDueYet, InitiativeNotFound, InitiativeCannotBecome.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    earlier = queries.closing(session, initiative_id=initiative_id)
    if earlier is not None:
        return earlier
    if campaign.deadline_at is None or now < campaign.deadline_at + GRACE_TO_FINISH:
        raise NotDueYet
    secured = lock_pledges(session, initiative_id=initiative_id, state="secured")
    secured_money = Money.total(Money(pledge.amount_cents) for pledge in secured)
    match = _awarded_match(session, initiative_id=initiative_id)
    minimum = Money(campaign.minimum_cents or 0)
    outcome = outcome_at_deadline(secured=secured_money, match=match, minimum=minimum)
    closing = ClosingRow(
        initiative_id=initiative_id,
        closed_at=now,
        minimum_cents=minimum.cents,
        secured_cents=secured_money.cents,
        secured_count=len(secured),
        match_cents=match.cents,
        outcome=outcome,
        collect_until=collecting_ends_at(closed_at=now),
    )
    session.execute(insert(Closing).values({name: getattr(closing, name) for name in ClosingRow.__dataclass_fields__}))
    if outcome == "collecting":
        abandon_promises(session, initiative_id=initiative_id, now=now, reason="the campaign closed")
    else:
        release_pledges(session, initiative_id=initiative_id, now=now, reason="the minimum was not reached")
        release_all(session, initiative_id=initiative_id, now=now)
        lapse(session, initiative_id=initiative_id, now=now)
    _move_on(session, campaign=campaign, to=outcome, now=now)
    return closing


def decide_campaign(
    session: Session, *, initiative_id: UUID, collected_count: int, collected: Money, now: datetime
) -> FinalDecisionRow | None:
    """Decide a collecting campaign once, on what was really collected, and return the decision; None for a near miss.

    The match is recomputed on the collected pledges, never above what was reserved and awarded. A near miss keeps what
    was collected and reserved until `plan_operations.decide_near_miss`. Deciding twice gives the first result. Raises
    InitiativeNotFound, InitiativeCannotBecome.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    earlier = queries.final_decision(session, initiative_id=initiative_id)
    if earlier is not None or campaign.state == "near_miss":
        return earlier
    match = recomputed_match(session, initiative_id=initiative_id)
    minimum = Money(campaign.minimum_cents or 0)
    outcome = outcome_after_collecting(
        collected=collected, match=match, minimum=minimum, tolerance_percent=campaign.tolerance_percent
    )
    if outcome == "near_miss":
        _keep_near_miss(session, campaign=campaign, collected=collected, count=collected_count, match=match, now=now)
        return None
    return decide_finally(
        session,
        campaign=campaign,
        outcome=outcome,
        collected=collected,
        count=collected_count,
        match=match,
        now=now,
    )


def recomputed_match(session: Session, *, initiative_id: UUID, goal: Money | None = None) -> Money:
    """Return the match on what was collected and stays, up to `goal` (the minimum); zero without an award."""
    awarded = award(session, initiative_id=initiative_id)
    if awarded is None:
        return ZERO
    goals = {} if goal is None else {initiative_id: goal}
    return matches_on(session, awards={initiative_id: Money(awarded.up_to_cents)}, goals=goals)[initiative_id]


def _keep_near_miss(
    session: Session, *, campaign: CampaignFactsRow, collected: Money, count: int, match: Money, now: datetime
) -> None:
    """Write down what was found; everything collected and reserved stays where it is meanwhile."""
    session.execute(
        insert(NearMiss).values(
            initiative_id=campaign.id,
            found_at=now,
            minimum_cents=campaign.minimum_cents,
            collected_cents=collected.cents,
            collected_count=count,
            match_cents=match.cents,
            plan_until=now + PLAN_IS_AWAITED,
            left_cents=collected.cents,
            left_count=count,
            left_match_cents=match.cents,
        )
    )
    abandon_promises(session, initiative_id=campaign.id, now=now, reason="collecting ended")
    _move_on(session, campaign=campaign, to="near_miss", now=now)


def decide_finally(
    session: Session,
    *,
    campaign: CampaignFactsRow,
    outcome: Literal["funded", "unfunded"],
    collected: Money,
    count: int,
    match: Money,
    now: datetime,
) -> FinalDecisionRow:
    """Write the decision down, fix the match or let it go, and bring the campaign to its end. Under its lock."""
    initiative_id = campaign.id
    final_match = match if outcome == "funded" else ZERO
    decision = FinalDecisionRow(
        initiative_id=initiative_id,
        decided_at=now,
        collected_cents=collected.cents,
        collected_count=count,
        match_cents=final_match.cents,
        outcome=outcome,
    )
    columns = {name: getattr(decision, name) for name in FinalDecisionRow.__dataclass_fields__}
    session.execute(insert(FinalDecision).values(columns))
    if final_match:
        confirm_all(session, initiative_id=initiative_id, final_cents=final_match.cents, now=now)
        fix_grant(session, initiative_id=initiative_id, amount=final_match, now=now)
    else:
        release_all(session, initiative_id=initiative_id, now=now)
        lapse(session, initiative_id=initiative_id, now=now)
    # Somebody who wanted to fill a gap and never saved a card.
    abandon_promises(session, initiative_id=initiative_id, now=now, reason="collecting ended")
    _move_on(session, campaign=campaign, to=outcome, now=now)
    return decision


def _awarded_match(session: Session, *, initiative_id: UUID) -> Money:
    awarded = award(session, initiative_id=initiative_id)
    if awarded is None:
        return ZERO
    return min(Money(awarded.up_to_cents), Money(reserved_cents(session, initiative_id=initiative_id)))


def _move_on(session: Session, *, campaign: CampaignFactsRow, to: str, now: datetime) -> None:
    change_state(session, initiative_id=campaign.id, to=to, actor=system(campaign.municipality_id), now=now)
    outbox.add(
        session,
        kind=f"initiative.{to}",
        args={"initiative_id": str(campaign.id)},
        dedupe_key=f"initiative.{to}/{campaign.id}",
    )
