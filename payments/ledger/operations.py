"""Writing the book: one transfer per cause, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.shared.money import Money
from payments.ledger.models import Account, Transfer
from payments.ledger.rules import CAMPAIGN_FUNDS, POSTINGS

_ACCOUNTS = select(Account.kind, Account.id).where(
    Account.municipality_id == bindparam("municipality_id"),
    (Account.initiative_id == bindparam("initiative_id")) | Account.initiative_id.is_(None),
    Account.kind.in_(bindparam("kinds", expanding=True)),
)
_ADD_ACCOUNT = insert(Account).on_conflict_do_nothing()
_POST = (
    insert(Transfer)
    .on_conflict_do_nothing(index_elements=[Transfer.source_type, Transfer.source_id, Transfer.kind])
    .returning(Transfer.amount_cents)
)


class SourceBookedOtherwise(Exception):
    """Our own mistake: one cause was booked before with another amount."""


def post(
    session: Session,
    *,
    kind: str,
    municipality_id: UUID,
    initiative_id: UUID | None,
    amount: Money,
    source_type: str,
    source_id: str,
    occurred_at: datetime,
    to_initiative_id: UUID | None = None,
) -> bool:
    """Book `amount` for one cause and return True; return False when that cause was booked already.

    `kind` is one of `rules.POSTINGS` and decides which account is debited and which credited; where neither is a
    campaign's, `initiative_id` may be None; where both are, the one credited is that of `to_initiative_id`. Raises
    SourceBookedOtherwise when the same cause was booked with another amount: a book is corrected by a new
    transfer, never by a different repeat.
    """
    posting = POSTINGS[kind]
    accounts = _accounts(session, municipality_id=municipality_id, initiative_id=initiative_id, kinds=posting)
    credited = accounts
    if to_initiative_id is not None:
        credited = _accounts(session, municipality_id=municipality_id, initiative_id=to_initiative_id, kinds=posting)
    posted = session.execute(
        _POST,
        {
            "debit_account_id": accounts[posting.debit],
            "credit_account_id": credited[posting.credit],
            "amount_cents": amount.cents,
            "source_type": source_type,
            "source_id": source_id,
            "kind": kind,
            "occurred_at": occurred_at,
        },
    ).first()
    if posted is None:
        booked = session.execute(
            select(Transfer.amount_cents).where(
                Transfer.source_type == source_type, Transfer.source_id == source_id, Transfer.kind == kind
            )
        ).scalar_one()
        if booked != amount.cents:
            raise SourceBookedOtherwise(f"{source_type} {source_id} {kind}")
    return posted is not None


def _accounts(
    session: Session, *, municipality_id: UUID, initiative_id: UUID | None, kinds: tuple[str, ...]
) -> dict[str, UUID]:
    where = {"municipality_id": municipality_id, "initiative_id": initiative_id, "kinds": list(kinds)}
    found = {row.kind: row.id for row in session.execute(_ACCOUNTS, where)}
    missing = [kind for kind in kinds if kind not in found]
    if missing:
        session.execute(
            _ADD_ACCOUNT,
            [
                {
                    "municipality_id": municipality_id,
                    "kind": kind,
                    "initiative_id": initiative_id if kind == CAMPAIGN_FUNDS else None,
                }
                for kind in missing
            ],
        )
        found = {row.kind: row.id for row in session.execute(_ACCOUNTS, where)}
    return found
