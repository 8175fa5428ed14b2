"""Reading what was booked on our bank account and was not seen on it yet, and the lines by which money left."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Date, Text, bindparam, case, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from crowd.initiatives.models import Initiative
from payments.bank.clearing_rules import Booked, Posted, together
from payments.bank.models import BankClearing, BankReturn, LineReturn
from payments.ledger.models import Account, Transfer
from payments.ledger.rules import BANK

# What the provider calls a payout or a top-up stands in the bank's description of it, so its own name is its note.
_PROVIDERS = ("provider_paid_out", "provider_topped_up")
_OTHER = aliased(Account)
_UNCLEARED = (
    select(
        Transfer.id,
        Transfer.kind,
        Transfer.source_id,
        Initiative.id.label("initiative_id"),
        func.coalesce(Initiative.title, "").label("title"),
        case((Transfer.debit_account_id == Account.id, Transfer.amount_cents), else_=-Transfer.amount_cents).label(
            "cents"
        ),
        cast(func.timezone("Europe/Amsterdam", Transfer.occurred_at), Date).label("booked_on"),
        func.coalesce(
            BankReturn.reference, LineReturn.reference, case((Transfer.kind.in_(_PROVIDERS), Transfer.source_id)), ""
        ).label("noted"),
    )
    .join(Account, or_(Account.id == Transfer.debit_account_id, Account.id == Transfer.credit_account_id))
    .join(
        _OTHER,
        (_OTHER.id != Account.id)
        & or_(_OTHER.id == Transfer.debit_account_id, _OTHER.id == Transfer.credit_account_id),
    )
    .outerjoin(Initiative, Initiative.id == _OTHER.initiative_id)
    .outerjoin(BankClearing, BankClearing.transfer_id == Transfer.id)
    .outerjoin(
        BankReturn,
        Transfer.kind.in_(("deposit_returned", "refund_by_bank"))
        & (cast(BankReturn.pledge_id, Text) == Transfer.source_id)
        & (BankReturn.state == "paid"),
    )
    .outerjoin(LineReturn, (Transfer.kind == "line_returned") & (cast(LineReturn.line_id, Text) == Transfer.source_id))
    .where(
        Account.kind == BANK,
        Account.municipality_id == bindparam("municipality_id"),
        BankClearing.transfer_id.is_(None),
    )
    .order_by(Transfer.id)
)
_LISTED = _UNCLEARED.limit(literal_column("1000"))
_THESE = _UNCLEARED.where(Transfer.id.in_(bindparam("transfer_ids", expanding=True)))


def booked(session: Session, *, municipality_id: UUID, notes: Mapping[str, str] | None = None) -> list[Booked]:
    """Return what was booked on our account and not seen on it, as the lines we expect; of at most 1000 postings.

    `notes`: by a posting's source, the reference that a room above this one keeps of it.
    """
    rows = session.execute(_LISTED, {"municipality_id": municipality_id})
    told = (Posted(**row._asdict()) for row in rows)
    return together(replace(one, noted=one.noted or (notes or {}).get(one.source_id, "")) for one in told)


def posted(session: Session, *, municipality_id: UUID, transfer_ids: tuple[int, ...]) -> list[Posted]:
    """Return those of these postings that are on this municipality's bank account and wait for a line."""
    asked = {"municipality_id": municipality_id, "transfer_ids": list(transfer_ids)}
    return [Posted(**row._asdict()) for row in session.execute(_THESE, asked)]
