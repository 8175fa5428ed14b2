"""What is missing while a campaign collects, because cards failed: neighbours may give it until collecting ends."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from crowd.closing.models import Closing
from crowd.closing.standing_queries import CollectingStanding, standings
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.pledges.rules import Gap

_WINDOW = (
    select(Closing.closed_at, Closing.collect_until)
    .join(Initiative, Initiative.id == Closing.initiative_id)
    .join(Pledge, Pledge.initiative_id == Closing.initiative_id)
    .where(Pledge.id == bindparam("pledge_id"), Initiative.state == literal_column("'collecting'"))
)


def open_gap(session: Session, *, initiative_id: UUID, now: datetime) -> CollectingStanding | None:
    """Return what stands of a collecting campaign that misses something at `now`; None when nothing is missing.

    To decide on the answer, hold the campaign's lock.
    """
    stands = standings(session, initiative_ids=[initiative_id]).get(initiative_id)
    return stands if stands is not None and stands.has_gap_at(now) else None


def gap_window(session: Session, *, pledge_id: UUID) -> Gap | None:
    """Return since and until when a gift to this pledge's campaign fills a gap; None when it is not collecting."""
    row = session.execute(_WINDOW, {"pledge_id": pledge_id}).first()
    return Gap(since=row.closed_at, until=row.collect_until) if row else None
