"""Forgetting by what donors were told apart, once nothing depends on it any more."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowd.cofunding.models import Reservation
from crowd.initiatives.models import Initiative
from crowd.initiatives.rules import ENDED


def forget_fingerprints(session: Session, *, ended_before: datetime) -> int:
    """Forget the cards and households of donors of campaigns that ended before, and return of how many gifts.

    The amount of each match stays, and why it was that much.
    """
    ended = select(Initiative.id).where(Initiative.state.in_(sorted(ENDED)), Initiative.deadline_at < ended_before)
    forgotten = session.execute(
        update(Reservation)
        .where(Reservation.initiative_id.in_(ended), Reservation.card_fingerprint != "")
        .values(card_fingerprint="")
        .returning(Reservation.pledge_id)
    )
    return len(forgotten.all())
