"""Reading what was booked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
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


def funds_cents(session: Session, *, initiative_id: UUID) -> int:
    """Return what is on a campaign's account: what came in less what left, in cents."""
    signed = case((Transfer.credit_account_id == Account.id, Transfer.amount_cents), else_=-Transfer.amount_cents)
    found = session.execute(
        select(func.coalesce(func.sum(signed), 0))
        .join(Account, or_(Transfer.debit_account_id == Account.id, Transfer.credit_account_id == Account.id))
        .where(Account.initiative_id == initiative_id)
    )
    return int(found.scalar_one())


def funds_moved_cents(session: Session, *, initiative_id: UUID, into: Collection[str], out: Collection[str]) -> int:
    """Return what postings of the kinds `into` brought to a campaign's account, less what those of `out` took."""
    signed = case(
        (and_(Transfer.credit_account_id == Account.id, Transfer.kind.in_(sorted(into))), Transfer.amount_cents),
        (and_(Transfer.debit_account_id == Account.id, Transfer.kind.in_(sorted(out))), -Transfer.amount_cents),
        else_=0,
    )
    found = session.execute(
        select(func.coalesce(func.sum(signed), 0))
        .join(Account, or_(Transfer.debit_account_id == Account.id, Transfer.credit_account_id == Account.id))
        .where(Account.initiative_id == initiative_id)
    )
    return int(found.scalar_one())
