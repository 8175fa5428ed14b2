"""What stands of campaigns that are collecting: what was collected or is under way, and the match on just that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from crowd.closing.models import Closing
from crowd.closing.rules import missing_while_collecting
from crowd.cofunding.counted_queries import matches_on
from crowd.grants.models import Application, Decision
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.pledges.rules import Gap
from crowd.shared.db import one_of
from crowd.shared.money import ZERO, Money

# Collected, or under way without anything wrong. A payment that failed counts again once it succeeds.
STANDING: Final = ("secured", "charging", "processing", "collected")


@dataclass(frozen=True, slots=True)
class CollectingStanding:
    """What stands of a collecting campaign, since and until when, and what its minimum still misses, if anything."""

    window: Gap
    crowd: Money
    supporters: int
    match: Money
    missing: Money

    def has_gap_at(self, now: datetime) -> bool:
        """Return whether neighbours may give what is missing at this moment."""
        return bool(self.missing) and self.window.since <= now < self.window.until


_FACTS = (
    select(
        Closing.initiative_id,
        Closing.closed_at,
        Closing.collect_until,
        Closing.match_cents,
        func.coalesce(Initiative.minimum_cents, literal_column("0")).label("minimum_cents"),
        Decision.up_to_cents,
        func.coalesce(func.sum(Pledge.amount_cents), literal_column("0")).label("crowd_cents"),
        func.count(Pledge.id).label("supporters"),
    )
    .select_from(Closing)
    .join(Initiative, Initiative.id == Closing.initiative_id)
    .outerjoin(
        Application,
        (Application.initiative_id == Closing.initiative_id) & one_of(Application.state, ("awarded", "fixed")),
    )
    .outerjoin(
        Decision,
        (Decision.application_id == Application.id) & (Decision.outcome == literal_column("'awarded'")),
    )
    .outerjoin(Pledge, (Pledge.initiative_id == Closing.initiative_id) & one_of(Pledge.state, STANDING))
    .where(
        Closing.initiative_id == func.any(bindparam("initiative_ids", type_=ARRAY(Uuid))),
        Initiative.state == literal_column("'collecting'"),
    )
    .group_by(Closing.initiative_id, Initiative.minimum_cents, Decision.up_to_cents)
)


def standings(session: Session, *, initiative_ids: Collection[UUID]) -> dict[UUID, CollectingStanding]:
    """Return what stands of those campaigns that are collecting, in two statements however many they are.

    The match counts as the final decision would recompute it if exactly what stands were collected. To decide on the
    answer, hold the campaign's lock.
    """
    found = session.execute(_FACTS, {"initiative_ids": list(initiative_ids)}).all()
    awards = {row.initiative_id: Money(row.up_to_cents) for row in found if row.match_cents and row.up_to_cents}
    matches = matches_on(session, awards=awards, states=STANDING)
    stands = {}
    for row in found:
        crowd, match = Money(int(row.crowd_cents)), matches.get(row.initiative_id, ZERO)
        stands[row.initiative_id] = CollectingStanding(
            window=Gap(since=row.closed_at, until=row.collect_until),
            crowd=crowd,
            supporters=row.supporters,
            match=match,
            missing=missing_while_collecting(standing=crowd, match=match, minimum=Money(row.minimum_cents)),
        )
    return stands
