"""What a donor changes about a pledge that stands. Locks as in operations.py: campaign (shared), then pledge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries
from crowd.pledges.models import Pledge, PledgeAmount
from crowd.pledges.operations import add_to_total
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import CampaignFacts, ChangedMeanwhile, check_change, check_pledge
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.money import Money


def change_amount(
    session: Session, *, pledge_id: UUID, was: Money, amount: Money | None, actor: Actor, now: datetime
) -> PledgeRow:
    """Promise another amount than `was`, until the deadline, and return the pledge. The saved card stays.

    The same change sent again changes nothing. Its match is the caller's to weigh anew, in this transaction:
    `crowd.cofunding.change_operations.change_gift` does both. Raises InvalidFields, TooLateToChange,
    PledgeCannotBecome, ChangedMeanwhile.
    """
    initiative_id = queries.pledge(session, pledge_id=pledge_id).initiative_id
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="share")
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    facts = CampaignFacts(state=campaign.state, deadline_at=campaign.deadline_at)
    check_change(campaign=facts, pledge_state=pledge.state, way=pledge.way, now=now)
    to = check_pledge(amount=amount, public_name="")
    if to.cents == pledge.amount_cents:
        return pledge
    if was.cents != pledge.amount_cents:
        raise ChangedMeanwhile
    change_id = session.execute(
        insert(PledgeAmount)
        .values(pledge_id=pledge_id, from_cents=was.cents, to_cents=to.cents, at=now)
        .returning(PledgeAmount.id)
    ).scalar_one()
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(amount_cents=to.cents))
    add_to_total(session, initiative_id=initiative_id, cents=to.cents - was.cents, pledges=0)
    audit.record(
        session,
        actor=actor,
        action="pledge.amount_changed",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"from_cents": was.cents, "to_cents": to.cents},
    )
    outbox.add(
        session,
        kind="pledge.amount_changed",
        args={"pledge_id": str(pledge_id), "change_id": change_id},
        dedupe_key=f"pledge.amount_changed/{change_id}",
    )
    return queries.pledge(session, pledge_id=pledge_id)
