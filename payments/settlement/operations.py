"""Planning the settlement of a campaign, and ending it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.closing.operations import decide_campaign
from crowd.closing.queries import FinalDecisionRow, collect_until
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import lock_pledges
from crowd.pledges.rules import OFFLINE_WAYS
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


def end_settlement(session: Session, *, initiative_id: UUID, now: datetime) -> FinalDecisionRow | None:
    """Decide a campaign whose every charge is final, book its match or plan its refunds, and return the decision.

    The caller saw that none is open, or that banks were awaited long enough. None when another one is open after all:
    a gift that fills a gap came in since. Everything happens in this one transaction.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    still_open = open_charges(session, initiative_id=initiative_id)
    if not at_banks(session, initiative_id=initiative_id).issuperset(still_open):
        return None
    collected = lock_pledges(session, initiative_id=initiative_id, state="collected")
    decision = decide_campaign(
        session,
        initiative_id=initiative_id,
        collected_pledges=[pledge.id for pledge in collected],
        collected=Money.total(Money(pledge.amount_cents) for pledge in collected),
        now=now,
    )
    if decision.outcome == "unfunded":
        plan_refunds(session, pledges=collected, reason="the minimum was not reached after collecting", now=now)
    elif decision.match_cents:
        post(
            session,
            kind="match_awarded",
            municipality_id=campaign.municipality_id,
            initiative_id=initiative_id,
            amount=Money(decision.match_cents),
            source_type="initiative",
            source_id=str(initiative_id),
            occurred_at=now,
        )
    session.execute(update(Settlement).where(Settlement.initiative_id == initiative_id).values(finished_at=now))
    return decision


def give_back_late_money(session: Session, *, now: datetime) -> None:
    """Plan to give back every gift that a bank paid after its campaign was decided: it was not counted."""
    late = [pledge_queries.pledge(session, pledge_id=one, lock=True) for one in queries.paid_late(session)]
    plan_refunds(session, pledges=late, reason="the bank answered after the decision", now=now)
