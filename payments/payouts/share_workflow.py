"""Matching lines of our bank account with the municipality's shares that are still to come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.db import Database
from payments.bank.workflow import match_waiting
from payments.payouts.share_operations import match_share
from payments.payouts.share_queries import awaited_by_reference


def match_shares(database: Database, *, now: datetime) -> int:
    """Match every waiting line whose reference and amount are those of a share that was fixed; return how many."""

    def match(session: Session, line_id: UUID, subject_id: UUID, actor: Actor) -> None:
        match_share(session, line_id=line_id, initiative_id=subject_id, actor=actor, now=now, by_itself=True)

    return match_waiting(database, awaited_in=awaited_by_reference, match=match)
