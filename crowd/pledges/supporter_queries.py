"""Who gave to an initiative and wrote something or gets something, for its initiator and the counter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, case, func, literal_column, select, tuple_
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.pledges.models import Pledge
from crowd.pledges.rules import EVER_COLLECTED, FREES_REWARD
from crowd.rewards.models import Reward

PART_SIZE: Final = 50
# Nothing came of these.
NEVER_STOOD: Final = ("promised", "abandoned")


@dataclass(frozen=True, slots=True)
class Supporter:
    """A gift with words. `donor_name` is for the municipality only when `public_name` is empty."""

    pledge_id: UUID
    public_name: str
    donor_name: str
    amount_cents: int
    at: datetime
    message: str
    is_hidden: bool


_WITH_WORDS = (
    select(
        Pledge.id,
        Pledge.public_name,
        Pledge.donor_name,
        Pledge.amount_cents,
        Pledge.promised_at,
        Pledge.message,
        Pledge.message_hidden_at.is_not(None),
    )
    .where(Pledge.initiative_id == bindparam("initiative_id"), Pledge.message != "", Pledge.state.not_in(NEVER_STOOD))
    .order_by(Pledge.promised_at.desc(), Pledge.id.desc())
    .limit(literal_column(str(PART_SIZE + 1)))
)


def with_words(
    session: Session, *, initiative_id: UUID, before: tuple[datetime, UUID] | None = None
) -> tuple[list[Supporter], tuple[datetime, UUID] | None]:
    """Return a part of the gifts with words, newest first, and where the next part begins (None: there is none)."""
    statement = _WITH_WORDS
    if before is not None:
        statement = statement.where(tuple_(Pledge.promised_at, Pledge.id) < before)
    found = [Supporter(*row) for row in session.execute(statement, {"initiative_id": initiative_id})]
    shown = found[:PART_SIZE]
    return shown, (shown[-1].at, shown[-1].pledge_id) if len(found) > PART_SIZE else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A gift that gets a reward. `email` is there once the money was collected: to deliver, and for nothing else."""

    pledge_id: UUID
    reward: str
    public_name: str
    donor_name: str
    amount_cents: int
    at: datetime
    email: str


_WITH_REWARD = (
    select(
        Pledge.id,
        Reward.title,
        Pledge.public_name,
        Pledge.donor_name,
        Pledge.amount_cents,
        Pledge.promised_at,
        case((Pledge.state.in_(sorted(EVER_COLLECTED - FREES_REWARD)), func.coalesce(Person.email, "")), else_=""),
    )
    .join(Reward, Reward.id == Pledge.reward_id)
    .join(Person, Person.id == Pledge.person_id)
    .where(
        Pledge.initiative_id == bindparam("initiative_id"),
        Pledge.reward_id.is_not(None),
        Pledge.state.not_in(("promised", *sorted(FREES_REWARD))),
    )
    .order_by(Pledge.promised_at.desc(), Pledge.id.desc())
    .limit(literal_column(str(PART_SIZE + 1)))
)


def with_reward(
    session: Session, *, initiative_id: UUID, before: tuple[datetime, UUID] | None = None
) -> tuple[list[Chosen], tuple[datetime, UUID] | None]:
    """Return a part of the gifts that get a reward, newest first, and where the next part begins (None: no more)."""
    statement = _WITH_REWARD
    if before is not None:
        statement = statement.where(tuple_(Pledge.promised_at, Pledge.id) < before)
    found = [Chosen(*row) for row in session.execute(statement, {"initiative_id": initiative_id})]
    shown = found[:PART_SIZE]
    return shown, (shown[-1].at, shown[-1].pledge_id) if len(found) > PART_SIZE else None
