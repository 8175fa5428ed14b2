"""Stopping a campaign before its deadline: nobody pays, and the municipality's money goes back to the pot."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.cofunding.operations import release_all
from crowd.grants.operations import lapse
from crowd.initiatives.operations import cancel
from crowd.initiatives.queries import campaign_facts
from crowd.pledges.operations import release_pledges
from crowd.shared.actor import Actor


def cancel_campaign(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime, reason: str = "") -> None:
    """End an initiative for good, and let go of everything that was promised to it, in one transaction.

    Holds the campaign's exclusive lock, so no pledge can slip in between. Raises InitiativeNotFound,
    InitiativeCannotBecome, ReasonMissing for a public one, ReasonTooLong, NotYourInitiative.
    """
    before = campaign_facts(session, initiative_id=initiative_id, lock="update")
    cancel(session, initiative_id=initiative_id, actor=actor, now=now, reason=reason)
    if before.live_at is not None:
        release_pledges(session, initiative_id=initiative_id, now=now, reason="the initiative was stopped")
        release_all(session, initiative_id=initiative_id, now=now)
        lapse(session, initiative_id=initiative_id, now=now)
