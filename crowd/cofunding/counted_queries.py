"""The pledges that count for a match when a campaign is weighed, and what the match on them comes to."""

from collections.abc import Collection, Mapping
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from crowd.cofunding.models import CampaignMatch, Reservation, Scheme
from crowd.cofunding.rules import NOT_ELIGIBLE, Bound, CountedPledge, MatchRule, recompute
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.shared.db import one_of
from crowd.shared.money import ZERO, Money

# Only money that is here and stays counts: a disputed charge has left again. A gift that was never weighed for a match
# fills the goal from the moment it was secured.
_COLLECTED = (
    select(Pledge.id, Pledge.person_id, Pledge.amount_cents, Reservation.bound)
    .outerjoin(Reservation, Reservation.pledge_id == Pledge.id)
    .where(
        Pledge.initiative_id == bindparam("initiative_id"),
        Pledge.state == literal_column("'collected'"),
        Pledge.going_back_at.is_(None),
    )
    .order_by(func.coalesce(Reservation.reserved_at, Pledge.secured_at), Pledge.id)
)
_HELD_BY_CAMPAIGN = (
    select(Reservation.initiative_id, func.sum(Reservation.amount_cents).label("cents"))
    .where(
        Reservation.initiative_id == func.any(bindparam("initiative_ids", type_=ARRAY(Uuid))),
        one_of(Reservation.state, ("reserved", "confirmed")),
    )
    .group_by(Reservation.initiative_id)
    .subquery("held")
)
# The terms stand beside each pledge: one statement for any number of campaigns.
_COUNTED_UNDER_TERMS = (
    select(
        Pledge.initiative_id,
        Pledge.person_id,
        Pledge.amount_cents,
        Reservation.bound,
        Scheme.ratio_percent,
        Scheme.donor_cap_cents,
        Scheme.project_cap_cents,
        Initiative.minimum_cents,
        func.coalesce(_HELD_BY_CAMPAIGN.c.cents, literal_column("0")).label("held_cents"),
    )
    .join(Initiative, Initiative.id == Pledge.initiative_id)
    .join(CampaignMatch, CampaignMatch.initiative_id == Pledge.initiative_id)
    .join(Scheme, Scheme.id == CampaignMatch.scheme_id)
    .outerjoin(_HELD_BY_CAMPAIGN, _HELD_BY_CAMPAIGN.c.initiative_id == Pledge.initiative_id)
    .outerjoin(Reservation, Reservation.pledge_id == Pledge.id)
    .where(
        Pledge.initiative_id == func.any(bindparam("initiative_ids", type_=ARRAY(Uuid))),
        Initiative.minimum_cents.is_not(None),
        Pledge.state == func.any(bindparam("states", type_=ARRAY(Text))),
        Pledge.going_back_at.is_(None),
    )
    .order_by(Pledge.initiative_id, func.coalesce(Reservation.reserved_at, Pledge.secured_at), Pledge.id)
)


def collected_pledges(session: Session, *, initiative_id: UUID) -> list[tuple[UUID, CountedPledge]]:
    """Return (pledge id, pledge) of what was really collected, in the order in which it was reserved.

    A gift once found not matchable stays so; one that was matchable is, however little it got.
    """
    found = session.execute(_COLLECTED, {"initiative_id": initiative_id})
    return [(row.id, _counted(row.person_id, row.amount_cents, row.bound)) for row in found]


def matches_on(
    session: Session,
    *,
    awards: Mapping[UUID, Money],
    states: Collection[str] = ("collected",),
    goals: Mapping[UUID, Money] | None = None,
) -> dict[UUID, Money]:
    """Return campaign -> its match on what was collected, never above what is reserved for it nor its award.

    `states`: on which pledges instead, as if they were collected. `goals`: where it stops, for a campaign whose minimum
    is being revised. One statement for all; what earns nothing is zero.
    """
    matches = dict.fromkeys(awards, ZERO)
    if not awards:
        return matches
    found = session.execute(_COUNTED_UNDER_TERMS, {"initiative_ids": list(awards), "states": list(states)})
    for initiative_id, rows in groupby(found, key=attrgetter("initiative_id")):
        counted = list(rows)
        terms, award = counted[0], awards[initiative_id]
        matches[initiative_id] = recompute(
            pledges=[_counted(row.person_id, row.amount_cents, row.bound) for row in counted],
            rule=MatchRule(
                ratio_percent=terms.ratio_percent,
                donor_cap=Money(terms.donor_cap_cents),
                project_cap=Money(terms.project_cap_cents),
                award=award,
            ),
            goal=(goals or {}).get(initiative_id, Money(terms.minimum_cents)),
            reservation=Money(int(terms.held_cents)),
            award=award,
        )
    return matches


def _counted(person_id: UUID, amount_cents: int, bound: str | None) -> CountedPledge:
    # A pledge without a reservation was never confirmed, or came where no scheme applied yet.
    decided = Bound.NOT_CONFIRMED if bound is None else Bound(bound)
    return CountedPledge(
        donor=person_id, amount=Money(amount_cents), refused=decided if decided in NOT_ELIGIBLE else None
    )
