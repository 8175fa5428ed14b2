"""Reading rewards."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from crowd.rewards.models import Reward
from crowd.rewards.rules import RewardNotFound


@dataclass(frozen=True, slots=True)
class RewardRow:
    """A reward as it stands; `left` is empty when there are as many as asked."""

    id: UUID
    initiative_id: UUID
    title: str
    description: str
    from_cents: int
    stock: int | None
    left: int | None
    is_closed: bool


_REWARD = select(
    Reward.id,
    Reward.initiative_id,
    Reward.title,
    Reward.description,
    Reward.from_cents,
    Reward.stock,
    (Reward.stock - Reward.taken).label("left"),
    Reward.closed_at.is_not(None).label("is_closed"),
)
_BY_ID = _REWARD.where(Reward.id == bindparam("reward_id"))
_OF_INITIATIVE = _REWARD.where(Reward.initiative_id == bindparam("initiative_id")).order_by(
    Reward.from_cents, Reward.id
)
_OFFERED = _OF_INITIATIVE.where(Reward.closed_at.is_(None))


def reward(session: Session, *, reward_id: UUID) -> RewardRow:
    """Return one reward; raises RewardNotFound."""
    row = session.execute(_BY_ID, {"reward_id": reward_id}).first()
    if row is None:
        raise RewardNotFound
    return RewardRow(*row)


def rewards_of(session: Session, *, initiative_id: UUID) -> list[RewardRow]:
    """Return every reward of an initiative, also what is no longer offered, the smallest amount first."""
    return [RewardRow(*row) for row in session.execute(_OF_INITIATIVE, {"initiative_id": initiative_id})]


def offered(session: Session, *, initiative_id: UUID) -> list[RewardRow]:
    """Return what a donor can choose from now, also what ran out, the smallest amount first."""
    return [RewardRow(*row) for row in session.execute(_OFFERED, {"initiative_id": initiative_id})]


def count_rewards(session: Session, *, initiative_id: UUID) -> int:
    """Return how many rewards are offered."""
    return session.execute(
        select(func.count()).where(Reward.initiative_id == initiative_id, Reward.closed_at.is_(None))
    ).scalar_one()
