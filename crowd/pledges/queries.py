"""Reading pledges and totals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.pledges.models import CampaignDelta, CampaignTotal, Pledge, PledgeAmount
from crowd.pledges.rules import PledgeNotFound


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """One pledge, as the money rooms and its donor look at it."""

    id: UUID
    municipality_id: UUID
    initiative_id: UUID
    person_id: UUID
    amount_cents: int
    state: str
    public_name: str
    wants_updates: bool
    locale: str
    promised_at: datetime
    secured_at: datetime | None
    confirmed_at: datetime | None
    way: str
    donor_name: str = ""
    message: str = ""
    public_message: str = ""
    message_hidden_at: datetime | None = None
    reward_id: UUID | None = None
    going_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What a campaign's neighbours have secured until now: exact, although nobody waits for anybody."""

    amount_cents: int
    pledge_count: int


_PLEDGE = select(
    Pledge.id,
    Pledge.municipality_id,
    Pledge.initiative_id,
    Pledge.person_id,
    Pledge.amount_cents,
    Pledge.state,
    Pledge.public_name,
    Pledge.wants_updates,
    Pledge.locale,
    Pledge.promised_at,
    Pledge.secured_at,
    Pledge.confirmed_at,
    Pledge.way,
    Pledge.donor_name,
    Pledge.message,
    Pledge.public_message,
    Pledge.message_hidden_at,
    Pledge.reward_id,
    Pledge.going_back_at,
)
_PLEDGE_BY_ID = _PLEDGE.where(Pledge.id == bindparam("pledge_id"))
_PLEDGE_LOCKED = _PLEDGE_BY_ID.with_for_update()
# What is secured for the campaign `initiative_id`, in cents: to stand in a larger statement as well.
TOTAL_CENTS = select(func.coalesce(func.sum(CampaignDelta.amount_cents), 0)).where(
    CampaignDelta.initiative_id == bindparam("initiative_id")
).scalar_subquery() + func.coalesce(
    select(CampaignTotal.amount_cents)
    .where(CampaignTotal.initiative_id == bindparam("initiative_id"))
    .scalar_subquery(),
    0,
)
_TOTAL = select(
    TOTAL_CENTS,
    (
        select(func.coalesce(func.sum(CampaignDelta.pledge_count), 0))
        .where(CampaignDelta.initiative_id == bindparam("initiative_id"))
        .scalar_subquery()
        + func.coalesce(
            select(CampaignTotal.pledge_count)
            .where(CampaignTotal.initiative_id == bindparam("initiative_id"))
            .scalar_subquery(),
            0,
        )
    ),
)
_WITH_TITLES = (
    select(Pledge.id, Initiative.title, Pledge.amount_cents, Pledge.state)
    .join(Initiative, Initiative.id == Pledge.initiative_id)
    .where(Pledge.person_id == bindparam("person_id"), Pledge.state != "abandoned")
    .order_by(Pledge.promised_at.desc(), Pledge.id.desc())
    .limit(literal_column("200"))
)
_IN_STATE_LOCKED = (
    _PLEDGE.where(Pledge.initiative_id == bindparam("initiative_id"), Pledge.state == bindparam("in_state"))
    .order_by(Pledge.id)
    .with_for_update()
)


def pledge(session: Session, *, pledge_id: UUID, lock: bool = False) -> PledgeRow:
    """Return the pledge, its row locked until the transaction ends when `lock`. Raises PledgeNotFound."""
    row = session.execute(_PLEDGE_LOCKED if lock else _PLEDGE_BY_ID, {"pledge_id": pledge_id}).first()
    if row is None:
        raise PledgeNotFound
    return PledgeRow(**row._asdict())


def is_known(session: Session, *, pledge_id: UUID) -> bool:
    """Whether a pledge with this id was made before."""
    return session.get(Pledge, pledge_id) is not None


def total(session: Session, *, initiative_id: UUID) -> Total:
    """Return what is secured for this campaign: the rolled-up part plus the deltas since, in one snapshot."""
    row = session.execute(_TOTAL, {"initiative_id": initiative_id}).one()
    return Total(amount_cents=int(row[0]), pledge_count=int(row[1]))


def pledges_with_titles(session: Session, *, person_id: UUID) -> list[tuple[UUID, str, int, str]]:
    """Return (pledge, initiative's title, cents, state) of a person's pledges, newest first, at most 200.

    A promise whose page was left is not shown: nothing came of it.
    """
    found = session.execute(_WITH_TITLES, {"person_id": person_id})
    return [(row.id, row.title, row.amount_cents, row.state) for row in found]


def lock_collected(session: Session, *, initiative_id: UUID) -> list[PledgeRow]:
    """Return and lock every collected pledge of a campaign whose money stays: nothing of it is going back."""
    found = lock_pledges(session, initiative_id=initiative_id, state="collected")
    return [one for one in found if one.going_back_at is None]


def lock_pledges(session: Session, *, initiative_id: UUID, state: str) -> list[PledgeRow]:
    """Return and lock every pledge of a campaign that is in `state`, oldest first."""
    found = session.execute(_IN_STATE_LOCKED, {"initiative_id": initiative_id, "in_state": state})
    return [PledgeRow(**row._asdict()) for row in found]


# Whoever took their promise back has said goodbye; everybody else who asked for news gets it, once per person.
_WANT_NEWS = (
    select(Pledge.id, Pledge.person_id)
    .ext(distinct_on(Pledge.person_id))
    .where(
        Pledge.initiative_id == bindparam("initiative_id"),
        Pledge.wants_updates,
        Pledge.state.not_in(("promised", "abandoned", "withdrawn")),
    )
    .order_by(Pledge.person_id, Pledge.promised_at.desc(), Pledge.id)
)
_COLLECTED_IDS = (
    select(Pledge.id)
    .where(
        Pledge.initiative_id == bindparam("initiative_id"), Pledge.state == "collected", Pledge.going_back_at.is_(None)
    )
    .order_by(Pledge.id)
)


def who_wants_news(session: Session, *, initiative_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return (pledge, person) of every donor who asked for news of this initiative, each person once."""
    return [(row.id, row.person_id) for row in session.execute(_WANT_NEWS, {"initiative_id": initiative_id})]


def collected_ids(session: Session, *, initiative_id: UUID) -> list[UUID]:
    """Return every pledge of a campaign that was collected and stays so: nothing of it is going back."""
    return list(session.scalars(_COLLECTED_IDS, {"initiative_id": initiative_id}))


_IN_MUNICIPALITY = (
    select(Pledge.state, func.count(), func.sum(Pledge.amount_cents))
    .where(Pledge.municipality_id == bindparam("municipality_id"))
    .group_by(Pledge.state)
)


def counts(session: Session, *, municipality_id: UUID) -> dict[str, tuple[int, int]]:
    """Return state -> (number of pledges, their cents) of a whole municipality."""
    found = session.execute(_IN_MUNICIPALITY, {"municipality_id": municipality_id})
    return {state: (count, int(cents)) for state, count, cents in found}


def states_of(session: Session, *, pledge_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the state of each of these pledges; one that does not exist is not in it."""
    found = session.execute(select(Pledge.id, Pledge.state).where(Pledge.id.in_(pledge_ids)))
    return {row.id: row.state for row in found}


def amount_change(session: Session, *, change_id: int) -> tuple[int, int] | None:
    """Return what a promised amount was and became, in cents; None when there was no such change."""
    row = session.execute(
        select(PledgeAmount.from_cents, PledgeAmount.to_cents).where(PledgeAmount.id == change_id)
    ).first()
    return (row.from_cents, row.to_cents) if row else None


def donor_names(session: Session, *, pledges: Collection[UUID]) -> dict[UUID, str]:
    """Return by which name the donors of these pledges are known to the municipality; empty for who gave none."""
    found = session.execute(select(Pledge.id, Pledge.donor_name).where(Pledge.id.in_(pledges)))
    return {row.id: row.donor_name for row in found}
