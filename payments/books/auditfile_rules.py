"""The ledger as an XML Auditfile Financieel 3.2 (XAF), the format Dutch accountants' programs read.

Source: the schema "XmlAuditfileFinancieel3.2" and its functional description by the Dutch tax authority; see
docs/decisions/0024-the-audit-file.md for what was chosen and how it is validated. Everything is written in the
schema's order, so that the file can be made line by line, however many postings there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from payments.books.export_rules import (
    CASH_DESK,
    NUMBERS,
    AccountLine,
    Period,
    PeriodAcrossYears,
    PostingLine,
    euros,
)
from payments.ledger.rules import BANK, PROVIDER_CLEARING

NAMESPACE: Final = "http://www.auditfiles.nl/XAF/3.2"
# What earlier years cost is no cost of this one: it stands in the opening balance as an earlier result.
EARLIER_RESULT: Final = "0900"
UNKNOWN: Final = "ONBEKEND"

_NAME_LENGTH: Final = 999
_LINES_AT_ONCE: Final = 500


class Journal(NamedTuple):
    """A journal: its schema type (B bank, C cash, M memorandum) and the kind of account it is the journal of."""

    code: str
    name: str
    type: str
    account_kind: str


# A posting belongs to the first whose account it touches, so a sum per journal is a sum per bank account.
JOURNALS: Final = (
    Journal("BANK", "Bank", "B", BANK),
    Journal("KAS", "Kas", "C", CASH_DESK),
    Journal("BETAALDIENST", "Betaaldienst", "B", PROVIDER_CLEARING),
    Journal("MEMO", "Memoriaal", "M", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Whose books these are, of which days, and who wrote the file. `tax_number` is empty when nobody gave it."""

    company: str
    address: str
    tax_number: str
    period: Period
    created_on: date
    version: str


def journal_of(posting: PostingLine) -> Journal:
    """Return the journal a posting belongs to."""
    kinds = {posting.debit_kind, posting.credit_kind}
    return next(journal for journal in JOURNALS if not journal.account_kind or journal.account_kind in kinds)


def auditfile(
    heading: Heading, accounts: Sequence[AccountLine], postings: Iterable[PostingLine], *, count: int, cents: int
) -> Iterator[str]:
    """Yield the file, some lines at a time. `count` and `cents` are those of all `postings`, which come by journal.

    Raises PeriodAcrossYears when the period lies in more than one calendar year.
    """
    period = heading.period
    if period.first.year != period.last.year:
        raise PeriodAcrossYears(field="to")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<auditfile xmlns="{NAMESPACE}">\n'
    yield from _header(heading)
    yield "<company>\n"
    yield from _company(heading)
    yield from _general_ledger(accounts)
    yield from _periods(period)
    yield from _opening_balance(period, accounts)
    yield f"<transactions>\n{_counts(count * 2, cents, cents)}"
    yield from _journals(accounts, postings)
    yield "</transactions>\n</company>\n</auditfile>\n"


def _header(heading: Heading) -> Iterator[str]:
    yield "<header>\n"
    yield _element("fiscalYear", str(heading.period.first.year))
    yield _element("startDate", heading.period.first.isoformat())
    yield _element("endDate", heading.period.last.isoformat())
    yield _element("curCode", "EUR")
    yield _element("dateCreated", heading.created_on.isoformat())
    yield _element("softwareDesc", "Buurtloket")
    yield _element("softwareVersion", heading.version[:20])
    yield "</header>\n"


def _company(heading: Heading) -> Iterator[str]:
    yield _element("companyName", heading.company[:_NAME_LENGTH])
    yield _element("taxRegistrationCountry", "NL")
    yield _element("taxRegIdent", heading.tax_number[:30] or UNKNOWN)
    yield "<streetAddress>\n" + _element("streetname", heading.address[:_NAME_LENGTH]) + "</streetAddress>\n"


def _general_ledger(accounts: Sequence[AccountLine]) -> Iterator[str]:
    yield "<generalLedger>\n"
    yield _account(EARLIER_RESULT, "Resultaat van eerdere perioden", "B", EARLIER_RESULT, "Resultaat")
    for account in accounts:
        number = NUMBERS[account.kind]
        kind = "P" if number.is_result else "B"
        yield _account(account.code, account.name[:_NAME_LENGTH], kind, number.number, number.name)
    yield "</generalLedger>\n"


def _account(code: str, name: str, kind: str, lead_code: str, lead_name: str) -> str:
    lines = _element("accID", code) + _element("accDesc", name) + _element("accTp", kind)
    leads = _element("leadCode", lead_code) + _element("leadDescription", lead_name)
    return f"<ledgerAccount>\n{lines}{leads}</ledgerAccount>\n"


def _periods(period: Period) -> Iterator[str]:
    yield "<periods>\n"
    first = period.first
    while first <= period.last:
        next_month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(next_month - timedelta(days=1), period.last)
        days = _element("startDatePeriod", first.isoformat()) + _element("endDatePeriod", last.isoformat())
        yield f"<period>\n{_element('periodNumber', str(first.month))}{days}</period>\n"
        first = next_month
    yield "</periods>\n"


def _opening_balance(period: Period, accounts: Sequence[AccountLine]) -> Iterator[str]:
    opening = [(account.code, account.opening_cents) for account in accounts if not NUMBERS[account.kind].is_result]
    earlier = sum(account.opening_cents for account in accounts if NUMBERS[account.kind].is_result)
    lines = [(code, cents) for code, cents in [(EARLIER_RESULT, earlier), *opening] if cents]
    yield f"<openingBalance>\n{_element('opBalDate', period.first.isoformat())}"
    yield _element("opBalDesc", "Stand aan het begin van de periode")
    debit = sum(cents for _, cents in lines if cents > 0)
    yield _counts(len(lines), debit, -sum(cents for _, cents in lines if cents < 0))
    for number, (code, cents) in enumerate(lines, 1):
        amount = _element("amnt", euros(abs(cents))) + _element("amntTp", "D" if cents > 0 else "C")
        yield f"<obLine>\n{_element('nr', str(number))}{_element('accID', code)}{amount}</obLine>\n"
    yield "</openingBalance>\n"


def _journals(accounts: Sequence[AccountLine], postings: Iterable[PostingLine]) -> Iterator[str]:
    codes = {account.id: account.code for account in accounts}
    current: Journal | None = None
    lines: list[str] = []
    for posting in postings:
        journal = journal_of(posting)
        if journal != current:
            if current is not None:
                lines.append("</journal>\n")
            lines.append(_journal_heading(journal))
            current = journal
        lines.append(
            _transaction(posting, debit=codes[posting.debit_account_id], credit=codes[posting.credit_account_id])
        )
        if len(lines) >= _LINES_AT_ONCE:
            yield "".join(lines)
            lines.clear()
    if current is not None:
        lines.append("</journal>\n")
    yield "".join(lines)


def _journal_heading(journal: Journal) -> str:
    offset = _element("offsetAccID", NUMBERS[journal.account_kind].number) if journal.account_kind else ""
    names = _element("jrnID", journal.code) + _element("desc", journal.name)
    return f"<journal>\n{names}{_element('jrnTp', journal.type)}{offset}"


def _transaction(posting: PostingLine, *, debit: str, credit: str) -> str:
    day = posting.day
    facts = (
        _element("nr", str(posting.id))
        + _element("desc", posting.words)
        + _element("periodNumber", str(day.month))
        + _element("trDt", day.isoformat())
        + _element("sourceID", posting.source_type[:35])
    )
    lines = _line(posting, 1, debit, "D") + _line(posting, 2, credit, "C")
    return f"<transaction>\n{facts}{lines}</transaction>\n"


def _line(posting: PostingLine, number: int, account: str, side: str) -> str:
    project = _element("projID", posting.initiative_id.hex) if posting.initiative_id else ""
    return (
        "<trLine>\n"
        + _element("nr", str(number))
        + _element("accID", account)
        + _element("docRef", f"{posting.source_type} {posting.source_id}"[:_NAME_LENGTH])
        + _element("effDate", posting.day.isoformat())
        + _element("desc", posting.words)
        + _element("amnt", euros(posting.amount_cents))
        + _element("amntTp", side)
        + project
        + "</trLine>\n"
    )


def _counts(lines: int, debit_cents: int, credit_cents: int) -> str:
    totals = _element("totalDebit", euros(debit_cents)) + _element("totalCredit", euros(credit_cents))
    return _element("linesCount", str(lines)) + totals


def _element(name: str, text: str) -> str:
    # XML has no way at all to write most control characters; a title typed with one loses it.
    clean = text if text.isprintable() else "".join(char for char in text if char.isprintable())
    return f"<{name}>{escape(clean)}</{name}>\n"
