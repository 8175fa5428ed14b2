"""Exporting the ledger: one moment of it, written out piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from crowd.shared.db import Database
from payments.books import export_queries
from payments.books.auditfile_rules import Heading, auditfile
from payments.books.export_rules import table

Format = Literal["xaf", "csv"]
FORMATS: Final[tuple[Format, ...]] = ("xaf", "csv")


@dataclass(frozen=True, slots=True)
class Exported:
    """How many postings were written, and their sum in cents: debited and credited alike."""

    postings: int
    cents: int


def export_ledger(
    database: Database,
    *,
    municipality_id: UUID,
    heading: Heading,
    form: Format,
    write: Callable[[str], object],
) -> Exported:
    """Write the postings of `heading.period` through `write`, and return what was written.

    Everything is read at one moment, and never more than some hundreds of postings are in memory. `write` must not
    wait for a network: a transaction is open. Raises PeriodAcrossYears for an audit file of more than one year.
    """
    period = heading.period
    with database.snapshot() as session:
        accounts = export_queries.accounts(session, municipality_id=municipality_id, period=period)
        count, cents = export_queries.counted(session, municipality_id=municipality_id, period=period)
        lines = export_queries.postings(
            session, municipality_id=municipality_id, period=period, by_journal=form == "xaf"
        )
        pieces = (
            auditfile(heading, accounts, lines, count=count, cents=cents) if form == "xaf" else table(accounts, lines)
        )
        for piece in pieces:
            write(piece)
    return Exported(count, cents)
