"""Reading whose gift a line names, and which transfers go back where they came from."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from payments.bank.models import BankLine, Deposit, LineReturn
from payments.bank.rules import references_in


@dataclass(frozen=True, slots=True)
class NamedGift:
    """The gift that a description names, and how far its money is."""

    pledge_id: UUID
    donor_name: str
    title: str
    amount_cents: int
    state: str
    reference: str


@dataclass(frozen=True, slots=True)
class LineReturnRow:
    """A transfer that goes back where it came from; paid once `paid_at` is set."""

    line_id: UUID
    municipality_id: UUID
    amount_cents: int
    account_holder: str
    account_iban: str
    decided_by: UUID
    paid_at: datetime | None
    booked_on: date


_GIFTS = (
    select(
        Deposit.pledge_id, Deposit.donor_name, Initiative.title, Deposit.amount_cents, Deposit.state, Deposit.reference
    )
    .join(Initiative, Initiative.id == Deposit.initiative_id)
    .where(
        Deposit.municipality_id == bindparam("municipality_id"),
        Deposit.way == "bank_transfer",
        Deposit.reference.in_(bindparam("references", expanding=True)),
    )
)
_RETURNS = select(
    LineReturn.line_id,
    LineReturn.municipality_id,
    LineReturn.amount_cents,
    LineReturn.account_holder,
    LineReturn.account_iban,
    LineReturn.decided_by,
    LineReturn.paid_at,
    BankLine.booked_on,
).join(BankLine, BankLine.id == LineReturn.line_id)
_OPEN = (
    _RETURNS.where(LineReturn.municipality_id == bindparam("municipality_id"), LineReturn.paid_at.is_(None))
    .order_by(LineReturn.decided_at, LineReturn.line_id)
    .limit(literal_column("200"))
)
_ONE = _RETURNS.where(LineReturn.line_id == bindparam("line_id")).with_for_update(of=LineReturn)


def gifts_named(session: Session, *, municipality_id: UUID, description: str) -> list[NamedGift]:
    """Return the gifts by transfer whose reference a description names."""
    named = references_in(description)
    if not named:
        return []
    asked = {"municipality_id": municipality_id, "references": list(named)}
    return [NamedGift(*row) for row in session.execute(_GIFTS, asked)]


def open_line_returns(session: Session, *, municipality_id: UUID) -> list[LineReturnRow]:
    """Return the transfers that still go back where they came from, the oldest first, at most 200."""
    return [LineReturnRow(*row) for row in session.execute(_OPEN, {"municipality_id": municipality_id})]


def line_return(session: Session, *, line_id: UUID) -> LineReturnRow | None:
    """Return, locked, the transfer of this line that goes back; None when nobody decided so."""
    row = session.execute(_ONE, {"line_id": line_id}).first()
    return LineReturnRow(*row) if row else None
