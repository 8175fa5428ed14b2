"""Reading statements of our bank account: which there are, which lines wait, and what is awaited."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from payments.bank.models import BankLine, BankLineParty, BankMatch, BankStatement, Deposit
from payments.bank.statement_rules import Awaited, NoSuchLine


@dataclass(frozen=True, slots=True)
class LineRow:
    """One movement on our account, negative when money left. `outcome` is what it turned out to be, if said."""

    id: UUID
    municipality_id: UUID
    booked_on: date
    amount_cents: int
    counterparty_name: str
    counterparty_iban: str
    description: str
    outcome: str
    uploaded_by: UUID


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement that was read, with how many lines it has, and of how many nobody said what they are."""

    id: UUID
    statement_ref: str
    layout: str
    from_on: date
    to_on: date
    opening_cents: int
    closing_cents: int
    uploaded_at: datetime
    lines: int
    waiting: int


@dataclass(frozen=True, slots=True)
class AwaitedGift:
    """A transfer that is still to come, for a person to choose from."""

    pledge_id: UUID
    reference: str
    donor_name: str
    title: str
    amount_cents: int


_LINES = (
    select(
        BankLine.id,
        BankLine.municipality_id,
        BankLine.booked_on,
        BankLine.amount_cents,
        BankLineParty.counterparty_name,
        BankLineParty.counterparty_iban,
        BankLineParty.description,
        func.coalesce(BankMatch.outcome, "").label("outcome"),
        BankStatement.uploaded_by,
    )
    .join(BankStatement, BankStatement.id == BankLine.statement_id)
    .join(BankLineParty, BankLineParty.line_id == BankLine.id)
    .outerjoin(BankMatch, BankMatch.line_id == BankLine.id)
)
_LINE = _LINES.where(BankLine.id == bindparam("line_id")).order_by(BankMatch.id.desc()).limit(literal_column("1"))
_UNSAID = _LINES.where(BankMatch.id.is_(None))
_OPEN = _UNSAID.where(BankLine.amount_cents > 0)
_UNSAID_HERE = (
    _UNSAID.where(BankLine.municipality_id == bindparam("municipality_id"))
    .order_by(BankLine.booked_on, BankLine.id)
    .limit(literal_column("200"))
)
_OPEN_HERE = _UNSAID_HERE.where(BankLine.amount_cents > 0)
_LEFT_HERE = _UNSAID_HERE.where(BankLine.amount_cents < 0)
_MAY_BE_BOOKED = _UNSAID.order_by(BankLine.booked_on.desc(), BankLine.id).limit(literal_column("1000"))
# Only what could name a reference: an account has many lines that are nobody's gift.
_MAY_MATCH = (
    _OPEN.where(func.regexp_replace(func.upper(BankLineParty.description), "[^A-Z0-9]", "", "g").like("%RF%"))
    .order_by(BankLine.booked_on.desc(), BankLine.id)
    .limit(literal_column("1000"))
)
_STATEMENTS = (
    select(
        BankStatement.id,
        BankStatement.statement_ref,
        BankStatement.layout,
        BankStatement.from_on,
        BankStatement.to_on,
        BankStatement.opening_cents,
        BankStatement.closing_cents,
        BankStatement.uploaded_at,
        func.count(BankLine.id.distinct()).label("lines"),
        func.count(BankLine.id.distinct()).filter(BankMatch.id.is_(None)).label("waiting"),
    )
    .outerjoin(BankLine, BankLine.statement_id == BankStatement.id)
    .outerjoin(BankMatch, BankMatch.line_id == BankLine.id)
    .where(BankStatement.municipality_id == bindparam("municipality_id"))
    .group_by(BankStatement.id)
    .order_by(BankStatement.uploaded_at.desc(), BankStatement.id.desc())
    .limit(literal_column("50"))
)
_AWAITED = (
    select(Deposit.pledge_id, Deposit.reference, Deposit.donor_name, Initiative.title, Deposit.amount_cents)
    .join(Initiative, Initiative.id == Deposit.initiative_id)
    .where(Deposit.municipality_id == bindparam("municipality_id"), Deposit.state == "announced")
    .order_by(Deposit.recorded_at, Deposit.pledge_id)
)


def line(session: Session, *, line_id: UUID, municipality_id: UUID | None) -> LineRow:
    """Return one movement on this municipality's account, with the last thing said of it. Raises NoSuchLine."""
    row = session.execute(_LINE, {"line_id": line_id}).first()
    if row is None or row.municipality_id != municipality_id:
        raise NoSuchLine
    return LineRow(**row._asdict())


def open_lines(session: Session, *, municipality_id: UUID) -> list[LineRow]:
    """Return what came in and was neither matched nor set aside, the oldest first, at most 200."""
    return [LineRow(**row._asdict()) for row in session.execute(_OPEN_HERE, {"municipality_id": municipality_id})]


def lines_that_left(session: Session, *, municipality_id: UUID) -> list[LineRow]:
    """Return by which lines money left that nobody said anything of yet, the oldest first, at most 200."""
    return [LineRow(**row._asdict()) for row in session.execute(_LEFT_HERE, {"municipality_id": municipality_id})]


def lines_that_may_be_booked(session: Session) -> list[LineRow]:
    """Return the lines, in and out, that nobody said anything of, of every municipality; the newest 1000."""
    return [LineRow(**row._asdict()) for row in session.execute(_MAY_BE_BOOKED)]


def lines_that_may_match(session: Session) -> list[LineRow]:
    """Return what came in, waits, and may name a reference of ours, of every municipality; at most 1000."""
    return [LineRow(**row._asdict()) for row in session.execute(_MAY_MATCH)]


def statements(session: Session, *, municipality_id: UUID) -> list[StatementRow]:
    """Return the statements that were read, the last first, at most 50."""
    return [StatementRow(**row._asdict()) for row in session.execute(_STATEMENTS, {"municipality_id": municipality_id})]


def awaited_gifts(session: Session, *, municipality_id: UUID) -> list[AwaitedGift]:
    """Return the transfers that were announced and are still to come, the oldest first.

    Those of a campaign that closed meanwhile too: when their money comes it is theirs, and goes back.
    """
    return [AwaitedGift(*row) for row in session.execute(_AWAITED, {"municipality_id": municipality_id})]


def awaited(session: Session, *, municipality_id: UUID) -> dict[str, Awaited]:
    """Return the same by reference, for matching."""
    return {
        one.reference: Awaited(one.pledge_id, one.amount_cents)
        for one in awaited_gifts(session, municipality_id=municipality_id)
    }
