"""What an accountant gets of the ledger: the period, each account's number and name, and the plain table (CSV).

The texts are Dutch: whoever reads these files keeps the books of a Dutch municipality.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from crowd.shared.errors import Invalid, msg
from payments.ledger.rules import BANK, CAMPAIGN_FUNDS, PROVIDER_CLEARING

CASH_DESK: Final = "cash_desk"
# Lines are written together, so that neither a file nor a browser is troubled for each.
_LINES_AT_ONCE: Final = 500


class PeriodBackwards(Invalid):
    """The last day comes before the first."""

    sentence = msg("The last day must not be before the first.")


class PeriodAcrossYears(Invalid):
    """An audit file describes one financial year, which for a municipality is the calendar year."""

    sentence = msg("An audit file covers one calendar year at most: choose days of the same year, or CSV.")


class Number(NamedTuple):
    """How a kind of account is numbered and named; `is_result` for costs and losses."""

    number: str
    name: str
    is_result: bool = False


NUMBERS: Final[dict[str, Number]] = {
    CASH_DESK: Number("1000", "Kas"),
    BANK: Number("1100", "Bank"),
    PROVIDER_CLEARING: Number("1200", "Tegoed bij de betaaldienst"),
    "municipality_receivable": Number("1300", "Te ontvangen van de gemeente"),
    "dispute_suspense": Number("1400", "Betwiste betalingen"),
    CAMPAIGN_FUNDS: Number("1600", "Voor het initiatief"),
    "offline_deposits": Number("1700", "Ontvangen aan de balie, nog niet besteed"),
    "provider_fees": Number("4000", "Kosten van de betaaldienst", is_result=True),
    "platform_loss": Number("4100", "Verliezen", is_result=True),
}
WORDS: Final[dict[str, str]] = {
    "charge": "Bijdrage geïnd",
    "fee": "Kosten van een bijdrage",
    "refund": "Bijdrage teruggegeven",
    "refund_failed": "Teruggave mislukt",
    "line_kept": "Overboeking ontvangen die teruggaat",
    "line_returned": "Overboeking teruggestuurd",
    "provider_paid_out": "Van de betaaldienst naar de bank",
    "provider_topped_up": "Van de bank naar de betaaldienst",
    "costs_borne": "Kosten gedragen door de gemeente",
    "refund_by_bank": "Bijdrage teruggegeven per bank",
    "payout_gifts": "Bijdragen uitbetaald",
    "payout_match": "Gemeentelijk deel uitbetaald",
    "payout_deposits": "Bijdragen van de balie uitbetaald",
    "transfer_reversed": "Uitbetaling teruggehaald",
    "match_awarded": "Gemeentelijk deel vastgesteld",
    "match_withdrawn": "Gemeentelijk deel verlaagd",
    "match_received": "Gemeentelijk deel ontvangen",
    "match_returned": "Gemeentelijk deel teruggegeven",
    "gift_moved": "Bijdrage naar ander initiatief",
    "gift_left": "Bijdrage naar de buurtpot",
    "deposit_received": "Bijdrage per bank ontvangen",
    "cash_received": "Bijdrage contant ontvangen",
    "cash_banked": "Kas afgestort",
    "deposit_collected": "Bijdrage van de balie toegekend",
    "deposit_returned": "Bijdrage van de balie teruggegeven",
    "dispute_opened": "Betaling betwist",
    "dispute_won": "Betwisting gewonnen",
    "dispute_lost": "Betwisting verloren",
    "dispute_lost_after_payout": "Betwisting verloren na uitbetaling",
    "loss_recovered": "Verlies goedgemaakt",
    "dispute_fee": "Kosten van een betwisting",
}


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the Netherlands, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodBackwards(field="to")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One account: what stood on it when the period began (debit is positive), and its movements since, in cents."""

    id: UUID
    kind: str
    title: str
    opening_cents: int
    debit_cents: int
    credit_cents: int

    @property
    def code(self) -> str:
        """At most 35 characters, as audit files want; the same in every export."""
        number = NUMBERS[self.kind].number
        # A number and a whole id do not fit in 35 characters; the id alone is as unique, and the number stands beside.
        return f"F{self.id.hex}" if self.kind == CAMPAIGN_FUNDS else number

    @property
    def name(self) -> str:
        """What the account is for; a campaign's carries the initiative's title."""
        name = NUMBERS[self.kind].name
        return f"{name}: {self.title}" if self.title else name


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine:
    """One transfer of the ledger, with the accounts it touched; `day` is the day in the Netherlands it happened."""

    id: int
    kind: str
    amount_cents: int
    source_type: str
    source_id: str
    day: date
    occurred_at: datetime
    recorded_at: datetime
    debit_account_id: UUID
    credit_account_id: UUID
    debit_kind: str
    credit_kind: str
    initiative_id: UUID | None

    @property
    def words(self) -> str:
        """What happened, in Dutch."""
        return WORDS.get(self.kind, self.kind)


def euros(cents: int, *, point: str = ".") -> str:
    """Return cents as "-12.50"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}{point}{abs(cents) % 100:02d}"


HEADINGS: Final = (
    *("boeking", "datum", "soort", "omschrijving", "bedrag"),
    *("debet", "debet naam", "credit", "credit naam", "initiatief"),
    *("bron", "bron nummer", "gebeurd", "vastgelegd"),
)


def table(accounts: Iterable[AccountLine], postings: Iterable[PostingLine]) -> Iterator[str]:
    """Yield the CSV, some lines at a time: semicolons and decimal commas, as Dutch spreadsheets read it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    by_id = {account.id: account for account in accounts}
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    # The mark by which a spreadsheet knows that this is UTF-8.
    written.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer.writerow(HEADINGS)
    for number, posting in enumerate(postings, 1):
        debit, credit = by_id[posting.debit_account_id], by_id[posting.credit_account_id]
        writer.writerow(
            (
                *(posting.id, posting.day.isoformat(), posting.kind, posting.words),
                euros(posting.amount_cents, point=","),
                *(debit.code, _plain(debit.name), credit.code, _plain(credit.name), posting.initiative_id or ""),
                *(posting.source_type, _plain(posting.source_id)),
                *(posting.occurred_at.isoformat(), posting.recorded_at.isoformat()),
            )
        )
        if number % _LINES_AT_ONCE == 0:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
