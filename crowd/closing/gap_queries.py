"""What is missing while a campaign collects, because cards failed: neighbours may give it until collecting ends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.closing.models import Closing
from crowd.closing.rules import missing_while_collecting
from crowd.cofunding.queries import match_on_collected
from crowd.grants.queries import award
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.pledges.rules import Gap
from crowd.shared.db import one_of
from crowd.shared.money import ZERO, Money

# Collected, or under way without anything wrong. A payment that failed counts again once it succeeds.
STANDING: Final = ("secured", "charging", "processing", "collected")


@dataclass(frozen=True, slots=True)
class OpenGap:
    """What stands of a collecting campaign, and what its minimum still misses: more than nothing."""

    window: Gap
    crowd: Money
    supporters: int
    match: Money
    missing: Money


_FACTS = (
    select(
        Closing.closed_at,
        Closing.collect_until,
        Closing.match_cents,
        Initiative.minimum_cents,
        func.coalesce(func.sum(Pledge.amount_cents), literal_column("0")).label("crowd_cents"),
        func.count(Pledge.id).label("supporters"),
    )
    .select_from(Closing)
    .join(Initiative, Initiative.id == Closing.initiative_id)
    .outerjoin(Pledge, (Pledge.initiative_id == Closing.initiative_id) & one_of(Pledge.state, STANDING))
    .where(Closing.initiative_id == bindparam("initiative_id"), Initiative.state == literal_column("'collecting'"))
    .group_by(Closing.initiative_id, Initiative.minimum_cents)
)
_WINDOW = (
    select(Closing.closed_at, Closing.collect_until)
    .join(Initiative, Initiative.id == Closing.initiative_id)
    .join(Pledge, Pledge.initiative_id == Closing.initiative_id)
    .where(Pledge.id == bindparam("pledge_id"), Initiative.state == literal_column("'collecting'"))
)


def open_gap(session: Session, *, initiative_id: UUID, now: datetime) -> OpenGap | None:
    """Return what a collecting campaign misses at `now`; None when nothing does, or collecting is not under way.

    The match counts as the final decision would recompute it if exactly what stands were collected. To decide on the
    answer, hold the campaign's lock.
    """
    row = session.execute(_FACTS, {"initiative_id": initiative_id}).first()
    if row is None or not row.closed_at <= now < row.collect_until:
        return None
    awarded = award(session, initiative_id=initiative_id) if row.match_cents else None
    match = ZERO
    if awarded is not None:
        at_most = Money(awarded.up_to_cents)
        match = match_on_collected(session, initiative_id=initiative_id, award=at_most, states=STANDING)
    crowd = Money(int(row.crowd_cents))
    missing = missing_while_collecting(standing=crowd, match=match, minimum=Money(row.minimum_cents or 0))
    if not missing:
        return None
    window = Gap(since=row.closed_at, until=row.collect_until)
    return OpenGap(window=window, crowd=crowd, supporters=row.supporters, match=match, missing=missing)


def gap_window(session: Session, *, pledge_id: UUID) -> Gap | None:
    """Return since and until when a gift to this pledge's campaign fills a gap; None when it is not collecting."""
    row = session.execute(_WINDOW, {"pledge_id": pledge_id}).first()
    return Gap(since=row.closed_at, until=row.collect_until) if row else None
