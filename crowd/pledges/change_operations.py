"""What a donor changes about a pledge that stands. Locks as in operations.py: campaign (shared), then pledge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.rules import may_moderate
from crowd.pledges import queries
from crowd.pledges.models import Pledge, PledgeAmount
from crowd.pledges.operations import add_to_total
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import (
    FREES_REWARD,
    MAXIMUM_AT_COUNTER,
    Appearance,
    CampaignFacts,
    ChangedMeanwhile,
    check_appearance,
    check_change,
    check_pledge,
)
from crowd.rewards import queries as rewards
from crowd.rewards.operations import give_back
from crowd.rewards.rules import check_amount
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
    if pledge.reward_id is not None:
        chosen = rewards.reward(session, reward_id=pledge.reward_id)
        check_amount(amount_cents=to.cents, from_cents=chosen.from_cents, field="amount")
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


def take_what_came(session: Session, *, pledge_id: UUID, amount: Money, actor: Actor, now: datetime) -> PledgeRow:
    """Let a promise at the counter become the amount that was transferred for it, and return the pledge.

    One that ended meanwhile stays what it was: its money goes back. The donor reads the amount in the receipt. The
    caller holds the locks of the campaign and the pledge. Raises InvalidFields.
    """
    pledge = queries.pledge(session, pledge_id=pledge_id)
    if pledge.state != "promised" or pledge.amount_cents == amount.cents:
        return pledge
    to = check_pledge(amount=amount, public_name="", most=MAXIMUM_AT_COUNTER)
    session.execute(
        insert(PledgeAmount).values(pledge_id=pledge_id, from_cents=pledge.amount_cents, to_cents=to.cents, at=now)
    )
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(amount_cents=to.cents))
    audit.record(
        session,
        actor=actor,
        action="pledge.amount_changed",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"from_cents": pledge.amount_cents, "to_cents": to.cents},
    )
    return queries.pledge(session, pledge_id=pledge_id)


def change_appearance(
    session: Session, *, pledge_id: UUID, appearance: Appearance, actor: Actor, now: datetime
) -> PledgeRow:
    """Show a gift under another name or none, and with other words; return it. Possible at any time.

    Words that were hidden stay hidden, whatever they become. Raises InvalidFields.
    """
    shown = check_appearance(appearance)
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    wanted = {
        "donor_name": shown.name,
        "public_name": shown.public_name,
        "message": shown.message,
        "public_message": shown.message if pledge.message_hidden_at is None else "",
    }
    if all(getattr(pledge, name) == value for name, value in wanted.items()):
        return pledge
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(wanted))
    audit.record(
        session,
        actor=actor,
        action="pledge.appearance_changed",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        # What was written is the donor's to take back, so it is not kept here.
        facts={"is_named": bool(shown.public_name), "has_message": bool(shown.message)},
    )
    return queries.pledge(session, pledge_id=pledge_id)


def hide_message(session: Session, *, pledge_id: UUID, hide: bool, actor: Actor, now: datetime) -> None:
    """Take the words of a gift off every page, or show them again. For the initiator and the counter, and kept.

    Saying it twice is saying it once. Raises NotYourInitiative, InitiativeNotFound, PledgeNotFound.
    """
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    facts = facts_for(session, initiative_id=pledge.initiative_id, person_id=actor.person_id)
    if denial := may_moderate(actor, facts):
        raise denial
    if (pledge.message_hidden_at is not None) == hide:
        return
    session.execute(
        update(Pledge)
        .where(Pledge.id == pledge_id)
        .values(message_hidden_at=now if hide else None, public_message="" if hide else pledge.message)
    )
    audit.record(
        session,
        actor=actor,
        action="pledge.message_hidden" if hide else "pledge.message_shown",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"initiative_id": str(pledge.initiative_id)},
    )


def give_up_reward(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> None:
    """Let go of the reward a gift was to get, for good; twice is once. The gift stays what it is."""
    pledge = queries.pledge(session, pledge_id=pledge_id, lock=True)
    if pledge.reward_id is None or pledge.state in FREES_REWARD:
        return
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(reward_id=None))
    give_back(session, counts={pledge.reward_id: 1})
    audit.record(
        session,
        actor=actor,
        action="pledge.reward_given_up",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"reward_id": str(pledge.reward_id)},
    )
