"""Planning the settlement of a campaign, ending it, and bringing a near miss to its end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.closing.operations import decide_campaign
from crowd.closing.plan_operations import check_take_back, decide_near_miss, weigh_again
from crowd.closing.queries import FinalDecisionRow, collect_until
from crowd.initiatives.queries import CampaignFactsRow, campaign_facts
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import PledgeRow, lock_collected, lock_pledges
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank.operations import collect_deposits
from payments.collection.charge_operations import plan_charges
from payments.collection.queries import at_banks, open_charges
from payments.ledger.operations import post
from payments.payouts.refund_operations import plan_refunds
from payments.settlement import queries
from payments.settlement.models import Settlement


def plan_settlement(session: Session, *, initiative_id: UUID, now: datetime) -> bool:
    """Plan one charge for every secured pledge of a collecting campaign, once; return whether this call did.

    What was given in cash or by bank transfer is collected at once.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    if campaign.state != "collecting":
        return False
    pledges = lock_pledges(session, initiative_id=initiative_id, state="secured")
    planned = session.execute(
        insert(Settlement)
        .values(
            initiative_id=initiative_id,
            planned_at=now,
            planned_count=len(pledges),
            planned_cents=sum(pledge.amount_cents for pledge in pledges),
            collect_until=collect_until(session, initiative_id=initiative_id),
        )
        .on_conflict_do_nothing()
        .returning(Settlement.initiative_id)
    ).first()
    if planned is None:
        return False
    plan_charges(session, pledges_to_charge=[one for one in pledges if one.way not in OFFLINE_WAYS], now=now)
    # Their money is here already: what was held for the donor is the campaign's from this moment.
    collect_deposits(session, pledges_to_collect=[one for one in pledges if one.way in OFFLINE_WAYS], now=now)
    return True


def end_settlement(session: Session, *, initiative_id: UUID, now: datetime) -> str | None:
    """Decide a campaign whose every charge is final, book its match or plan its refunds, and return what came of it.

    The caller saw that none is open, or that banks were awaited long enough. None when another one is open after all:
    a gift that fills a gap came in since. A near miss moves no money yet. Everything happens in this one transaction.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    still_open = open_charges(session, initiative_id=initiative_id)
    if not at_banks(session, initiative_id=initiative_id).issuperset(still_open):
        return None
    collected = lock_collected(session, initiative_id=initiative_id)
    decision = decide_campaign(
        session,
        initiative_id=initiative_id,
        collected_count=len(collected),
        collected=Money.total(Money(pledge.amount_cents) for pledge in collected),
        now=now,
    )
    if decision is not None:
        _carry_out(session, campaign=campaign, decision=decision, collected=collected, now=now)
    session.execute(update(Settlement).where(Settlement.initiative_id == initiative_id).values(finished_at=now))
    return "near_miss" if decision is None else decision.outcome


def end_near_miss(session: Session, *, initiative_id: UUID, now: datetime) -> str | None:
    """Decide a near miss of which nobody's answer is awaited any more, and return what came of it; else None.

    What a bank paid after collecting ended goes back first: it never counted. Everything happens in this one
    transaction, so money is kept for a revised plan or planned to go back, and never both.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    if campaign.state != "near_miss":
        return None
    give_back_late_money(session, now=now, initiative_id=initiative_id)
    collected = lock_collected(session, initiative_id=initiative_id)
    decision = decide_near_miss(session, initiative_id=initiative_id, now=now)
    if decision is None:
        return None
    _carry_out(session, campaign=campaign, decision=decision, collected=collected, now=now)
    return decision.outcome


def _carry_out(
    session: Session,
    *,
    campaign: CampaignFactsRow,
    decision: FinalDecisionRow,
    collected: Sequence[PledgeRow],
    now: datetime,
) -> None:
    """Plan to give everything back, or book the match."""
    if decision.outcome == "unfunded":
        plan_refunds(session, pledges=collected, reason="the minimum was not reached after collecting", now=now)
    elif decision.match_cents:
        post(
            session,
            kind="match_awarded",
            municipality_id=campaign.municipality_id,
            initiative_id=campaign.id,
            amount=Money(decision.match_cents),
            source_type="initiative",
            source_id=str(campaign.id),
            occurred_at=now,
        )


def give_back_late_money(session: Session, *, now: datetime, initiative_id: UUID | None = None) -> None:
    """Plan to give back every gift (of one campaign) that a bank paid after collecting ended: it was not counted."""
    paid_late = queries.paid_late(session, initiative_id=initiative_id)
    late = [pledge_queries.pledge(session, pledge_id=one, lock=True) for one in paid_late]
    plan_refunds(session, pledges=late, reason="the bank answered after the decision", now=now)
    for one in sorted({pledge.initiative_id for pledge in late}):
        weigh_again(session, initiative_id=one)


def take_back_gift(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> None:
    """Plan to give a collected gift back to its donor, whole, because the plan it was for changed.

    Until the donors' term is over; what is left of the campaign is written down at once. Raises NothingToTakeBack,
    PledgeNotFound.
    """
    initiative_id = pledge_queries.pledge(session, pledge_id=pledge_id).initiative_id
    campaign_facts(session, initiative_id=initiative_id, lock="share")
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    check_take_back(session, pledge=pledge, now=now)
    plan_refunds(session, pledges=[pledge], reason="the donor took it back after the plan changed", now=now)
    weigh_again(session, initiative_id=initiative_id)
    audit.record(session, actor=actor, action="pledge.taken_back", subject_type="pledge", subject_id=pledge_id, now=now)
