"""Reading what was booked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import case, func, or_, select
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


def balance_cents(session: Session, *, municipality_id: UUID, account: str) -> int:
    """Return what was debited less what was credited on a municipality's accounts of this kind, in cents."""
    found = session.execute(
        select(
            func.coalesce(
                func.sum(
                    case((Transfer.debit_account_id == Account.id, Transfer.amount_cents), else_=-Transfer.amount_cents)
                ),
                0,
            )
        )
        .join(Account, or_(Transfer.debit_account_id == Account.id, Transfer.credit_account_id == Account.id))
        .where(Account.municipality_id == municipality_id, Account.kind == account)
    )
    return int(found.scalar_one())
