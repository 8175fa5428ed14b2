"""Giving to a campaign, also when it collects and cards have failed: what is missing then may be given by anybody.

Locks: the campaign (shared), as every pledge.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.closing.gap_queries import open_gap
from crowd.initiatives.queries import campaign_at, campaign_facts
from crowd.pledges.operations import Promise, make_pledge
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import CampaignNotOpen
from crowd.shared.actor import Actor


def promise_gift(
    session: Session,
    *,
    promise: Promise,
    actor: Actor,
    now: datetime,
    initiative_id: UUID | None = None,
    slug: str = "",
) -> PledgeRow:
    """Promise an amount to a live campaign, or to a collecting one that misses something, and return the pledge.

    The second kind is charged as soon as its card is saved. More than what is missing is welcome: it goes
    to the rest of the plan. Raises what `make_pledge` raises; CampaignNotOpen when nothing is missing (any more).
    """
    try:
        return make_pledge(session, promise=promise, actor=actor, now=now, initiative_id=initiative_id, slug=slug)
    except CampaignNotOpen:
        # Only now, so that giving to a live campaign costs no more than it did.
        if initiative_id is None:
            campaign = campaign_at(session, slug=slug)
        else:
            campaign = campaign_facts(session, initiative_id=initiative_id, lock="share")
        gap = open_gap(session, initiative_id=campaign.id, now=now)
        if gap is None:
            raise
    return make_pledge(session, promise=promise, actor=actor, now=now, initiative_id=campaign.id, gap=gap.window)
