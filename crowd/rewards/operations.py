"""Offering rewards, and taking them: a limited one under its own row's lock, an unlimited one without any.

Locks come after the campaign's and the pledge's, and before the pot's. Who takes several gives them back together,
holding the campaign exclusively; everybody else touches one reward in a transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.rules import may_moderate
from crowd.rewards import queries
from crowd.rewards.models import Reward
from crowd.rewards.rules import (
    OPEN_STATES,
    REWARDS_MAX,
    RewardForm,
    RewardGone,
    RewardNotFound,
    RewardsClosed,
    TooManyRewards,
    check_amount,
    check_reward,
)
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields

_TAKE = (
    update(Reward)
    .where(Reward.id == bindparam("reward_id"), Reward.closed_at.is_(None), Reward.taken < Reward.stock)
    .values(taken=Reward.taken + 1)
    .returning(Reward.id)
)


def add_reward(
    session: Session, *, reward_id: UUID, initiative_id: UUID, form: RewardForm, actor: Actor, now: datetime
) -> None:
    """Offer a reward with gifts to an initiative. The form chose its id, so sending it twice adds one.

    For its initiator and the counter. Raises InvalidFields, NotYourInitiative, RewardsClosed, TooManyRewards.
    """
    _check_may_change(session, initiative_id=initiative_id, actor=actor)
    new = check_reward(form)
    added = session.execute(
        insert(Reward)
        .values(
            id=reward_id,
            initiative_id=initiative_id,
            title=new.title,
            description=new.description,
            from_cents=new.from_cents,
            stock=new.stock,
            added_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Reward.id])
        .returning(Reward.id)
    ).first()
    if added is None:
        return
    # Counted under the campaign's exclusive lock, so that two windows do not both add the last one.
    if queries.count_rewards(session, initiative_id=initiative_id) > REWARDS_MAX:
        raise TooManyRewards(count=REWARDS_MAX)
    _say(session, action="reward.added", reward_id=reward_id, initiative_id=initiative_id, actor=actor, now=now)


def close_reward(session: Session, *, reward_id: UUID, actor: Actor, now: datetime) -> None:
    """Offer a reward no longer; whoever chose it keeps it. Twice is once. Raises as `add_reward`, RewardNotFound."""
    found = queries.reward(session, reward_id=reward_id)
    _check_may_change(session, initiative_id=found.initiative_id, actor=actor)
    closed = session.execute(
        update(Reward)
        .where(Reward.id == reward_id, Reward.closed_at.is_(None))
        .values(closed_at=now)
        .returning(Reward.id)
    ).first()
    if closed is not None:
        _say(
            session,
            action="reward.closed",
            reward_id=reward_id,
            initiative_id=found.initiative_id,
            actor=actor,
            now=now,
        )


def check_known(session: Session, *, reward_id: UUID) -> None:
    """Raise InvalidFields when there is no such reward; whether it can be had is what `take` finds out."""
    try:
        queries.reward(session, reward_id=reward_id)
    except RewardNotFound as unknown:
        raise InvalidFields((RewardGone(field="reward"),)) from unknown


def take(session: Session, *, reward_id: UUID, initiative_id: UUID, amount_cents: int) -> None:
    """Set one aside for a gift of this amount; raise InvalidFields when it is gone, or the gift too small for it.

    The last one goes to whoever locks the row first; the next finds none left. Raises RewardNotFound.
    """
    found = queries.reward(session, reward_id=reward_id)
    if found.initiative_id != initiative_id or found.is_closed:
        raise InvalidFields((RewardGone(field="reward"),))
    check_amount(amount_cents=amount_cents, from_cents=found.from_cents, field="reward")
    if found.stock is not None and session.execute(_TAKE, {"reward_id": reward_id}).first() is None:
        raise InvalidFields((RewardGone(field="reward"),))


def give_back(session: Session, *, counts: Mapping[UUID, int]) -> None:
    """Put back so many of each reward. Of unlimited ones nothing was counted, so nothing is."""
    for reward_id in sorted(counts):
        session.execute(
            update(Reward)
            .where(Reward.id == reward_id, Reward.stock.is_not(None))
            .values(taken=Reward.taken - counts[reward_id])
        )


def _check_may_change(session: Session, *, initiative_id: UUID, actor: Actor) -> None:
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    if denial := may_moderate(actor, facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)):
        raise denial
    if campaign.state not in OPEN_STATES:
        raise RewardsClosed


def _say(session: Session, *, action: str, reward_id: UUID, initiative_id: UUID, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="reward",
        subject_id=reward_id,
        now=now,
        facts={"initiative_id": str(initiative_id)},
    )
