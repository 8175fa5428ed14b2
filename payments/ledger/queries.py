"""Reading what was booked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.ledger.models import Account, Transfer


def booked_cents(session: Session, *, municipality_id: UUID, kinds: Collection[str]) -> int:
    """Return the sum of a municipality's transfers of these kinds, in cents."""
    found = session.execute(
        select(func.coalesce(func.sum(Transfer.amount_cents), 0))
        .join(Account, Account.id == Transfer.debit_account_id)
        .where(Account.municipality_id == municipality_id, Transfer.kind.in_(sorted(kinds)))
    )
    return int(found.scalar_one())
