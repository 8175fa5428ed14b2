"""Reading the ledger for an export: accounts with their opening balance, and every posting, one by one."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from crowd.shared.clock import end_of, local_midnight
from payments.books.auditfile_rules import JOURNALS
from payments.books.export_rules import AccountLine, Period, PostingLine

# So many rows are fetched at once; the rest waits at the server, so memory stays the same for any ledger.
_ROWS_AT_ONCE: Final = 1000

_ACCOUNTS: Final = text("""
    SELECT a.id, a.kind, coalesce(i.title, '') AS title,
           coalesce(sum(CASE WHEN t.debit_account_id = a.id THEN t.amount_cents ELSE -t.amount_cents END)
                    FILTER (WHERE t.occurred_at < :starts_at), 0) AS opening_cents,
           coalesce(sum(t.amount_cents)
                    FILTER (WHERE t.debit_account_id = a.id AND t.occurred_at >= :starts_at), 0) AS debit_cents,
           coalesce(sum(t.amount_cents)
                    FILTER (WHERE t.credit_account_id = a.id AND t.occurred_at >= :starts_at), 0) AS credit_cents
    FROM ledger_accounts a
    LEFT JOIN initiatives i ON i.id = a.initiative_id
    LEFT JOIN ledger_transfers t
      ON a.id IN (t.debit_account_id, t.credit_account_id) AND t.occurred_at < :ends_at
    WHERE a.municipality_id = :municipality_id
    GROUP BY a.id, i.id ORDER BY a.kind, a.id
""")
_JOURNAL: Final = " ".join(
    f"WHEN '{journal.account_kind}' IN (d.kind, c.kind) THEN {rank}"
    for rank, journal in enumerate(JOURNALS)
    if journal.account_kind
)
_POSTINGS: Final = """
    SELECT t.id, t.kind, t.amount_cents, t.source_type, t.source_id,
           (t.occurred_at AT TIME ZONE 'Europe/Amsterdam')::date AS day, t.occurred_at, t.recorded_at,
           t.debit_account_id, t.credit_account_id, d.kind AS debit_kind, c.kind AS credit_kind,
           coalesce(d.initiative_id, c.initiative_id) AS initiative_id
    FROM ledger_transfers t
    JOIN ledger_accounts d ON d.id = t.debit_account_id
    JOIN ledger_accounts c ON c.id = t.credit_account_id
    WHERE d.municipality_id = :municipality_id AND t.occurred_at >= :starts_at AND t.occurred_at < :ends_at
    ORDER BY"""
_BY_TIME: Final = text(f"{_POSTINGS} t.occurred_at, t.id")
_BY_JOURNAL: Final = text(f"{_POSTINGS} CASE {_JOURNAL} ELSE {len(JOURNALS)} END, t.occurred_at, t.id")

_COUNTED: Final = text("""
    SELECT count(*) AS postings, coalesce(sum(t.amount_cents), 0) AS cents
    FROM ledger_transfers t JOIN ledger_accounts d ON d.id = t.debit_account_id
    WHERE d.municipality_id = :municipality_id AND t.occurred_at >= :starts_at AND t.occurred_at < :ends_at
""")


def counted(session: Session, *, municipality_id: UUID, period: Period) -> tuple[int, int]:
    """Return how many postings `period` has, and their sum in cents."""
    row = session.execute(_COUNTED, _within(municipality_id, period)).one()
    return int(row.postings), int(row.cents)


def accounts(session: Session, *, municipality_id: UUID, period: Period) -> list[AccountLine]:
    """Return every account of a municipality, with what stood on it before `period` and what moved within."""
    rows = session.execute(_ACCOUNTS, _within(municipality_id, period))
    return [
        AccountLine(
            id=row.id,
            kind=row.kind,
            title=row.title,
            opening_cents=int(row.opening_cents),
            debit_cents=int(row.debit_cents),
            credit_cents=int(row.credit_cents),
        )
        for row in rows
    ]


def postings(session: Session, *, municipality_id: UUID, period: Period, by_journal: bool) -> Iterator[PostingLine]:
    """Yield every posting of `period`, oldest first, or first by journal; read from the server as they are taken."""
    rows = session.execute(
        _BY_JOURNAL if by_journal else _BY_TIME,
        _within(municipality_id, period),
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    for row in rows:
        yield PostingLine(**row._mapping)  # noqa: SLF001  SQLAlchemy's own public way to a row's names


def _within(municipality_id: UUID, period: Period) -> dict[str, object]:
    return {
        "municipality_id": municipality_id,
        "starts_at": local_midnight(period.first),
        "ends_at": end_of(period.last),
    }
