"""A donor changes what they promised: the promise and its match, in one transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.cofunding.operations import reweigh_match
from crowd.pledges.change_operations import change_amount
from crowd.pledges.queries import PledgeRow
from crowd.shared.actor import Actor
from crowd.shared.money import Money


def change_gift(
    session: Session, *, pledge_id: UUID, was: Money, amount: Money | None, actor: Actor, now: datetime
) -> PledgeRow:
    """Promise another amount than `was` and have the municipality's share follow; return the pledge.

    The same change sent again changes nothing. Raises what `change_amount` raises.
    """
    changed = change_amount(session, pledge_id=pledge_id, was=was, amount=amount, actor=actor, now=now)
    reweigh_match(session, pledge_id=pledge_id, now=now)
    return changed
