"""After a backup was put back: learn from the provider which payments were made since, before anything is charged."""

from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from crowd.shared.db import Database
from payments.collection.adoption_operations import Adopted, adopt, is_adoption_due
from payments.gateway import Gateway
from payments.provider import Payment

# Of several payments for one pledge the one that went furthest counts; the others never took money.
_FURTHEST: Final = ("succeeded", "processing", "requires_action", "requires_confirmation", "requires_payment_method")


def adopt_payments(database: Database, gateway: Gateway, *, now: datetime) -> Adopted | None:
    """Tie the provider's payments to the pledges of a backup that was put back; None when none was.

    A backup knows nothing of what was charged after it, and the provider forgets the keys of our requests after a
    day: without this, a pledge could be charged twice. Raises OutcomeUnknown when the provider is away: try again, and
    charge nothing meanwhile.
    """
    with database.reading() as session:
        if not is_adoption_due(session):
            return None
    found: dict[UUID, Payment] = {}
    for payment in gateway.payments():
        with suppress(ValueError):
            pledge_id = UUID(payment.pledge_id)
            if pledge_id not in found or _rank(payment) < _rank(found[pledge_id]):
                found[pledge_id] = payment
    with database.transaction() as session:
        return adopt(session, payments=found, now=now)


def _rank(payment: Payment) -> int:
    return _FURTHEST.index(payment.status) if payment.status in _FURTHEST else len(_FURTHEST)
