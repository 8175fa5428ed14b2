"""What a charge cost: said by the provider after the charge, booked once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from crowd.pledges import queries as pledge_queries
from crowd.shared.money import Money
from payments.collection.models import Charge
from payments.ledger.operations import post


def record_fee(session: Session, *, pledge_id: UUID, fee: Money, movement_ref: str, now: datetime) -> None:
    """Record what the provider kept of a charge, and book it; the first time only."""
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.fee_cents.is_(None))
        .values(fee_cents=fee.cents, balance_transaction_ref=movement_ref)
    )
    if fee:
        post(
            session,
            kind="fee",
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            amount=fee,
            source_type="pledge",
            source_id=str(pledge_id),
            occurred_at=now,
        )
