"""Reading a bank's CSV download: the layouts of ING and Rabobank, known by their header. Pure.

Both give the balance after each line, so a line that is missing is found; a download without balances is refused.
ING lists the newest line first and says Af or Bij; Rabobank numbers its lines and signs its amounts.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from payments.bank.statement_rules import (
    DoesNotAddUp,
    FileIncomplete,
    FileUnreadable,
    Line,
    NoBalance,
    Statement,
    euros,
)

_AMOUNT: Final = re.compile(r"([+-]?)([0-9]{1,12})[,.]([0-9]{2})")
_ING_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
# Our word -> what ING calls it, in Dutch and in English.
_ING: Final[Mapping[str, tuple[str, str]]] = {
    "day": ("Datum", "Date"),
    "name": ("Naam / Omschrijving", "Name / Description"),
    "account": ("Rekening", "Account"),
    "other": ("Tegenrekening", "Counterparty"),
    "way": ("Af Bij", "Debit/credit"),
    "amount": ("Bedrag (EUR)", "Amount (EUR)"),
    "told": ("Mededelingen", "Notifications"),
}
_ING_BALANCE: Final = ("Saldo na mutatie", "Resulting balance")
_ING_IN: Final = {"Bij": 1, "Credit": 1, "Af": -1, "Debit": -1}
_RABO: Final = ("IBAN/BBAN", "Munt", "Volgnr", "Datum", "Bedrag", "Tegenrekening IBAN/BBAN", "Naam tegenpartij")
_RABO_BALANCE: Final = "Saldo na trn"
_RABO_TOLD: Final = ("Omschrijving-1", "Omschrijving-2", "Omschrijving-3", "Betalingskenmerk", "Transactiereferentie")

Row = Mapping[str, str]


def read_csv(content: bytes) -> tuple[Statement, ...]:
    """Return the one statement in a CSV download; raise FileUnreadable, FileIncomplete, NoBalance or DoesNotAddUp."""
    # A NUL is no text, and the database would refuse it.
    header, rows = _table(_decoded(content).replace("\0", ""))
    for language in (0, 1):
        if {names[language] for names in _ING.values()} <= header:
            return (_ing(rows, language=language, header=header),)
    if set(_RABO) <= header:
        return (_rabobank(rows, header=header),)
    raise FileUnreadable


def _decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8 as banks write now, or Windows' own as they did."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _table(text: str) -> tuple[set[str], list[Row]]:
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    try:
        read = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
        rows: list[Row] = [
            {str(name): value or "" for name, value in row.items() if isinstance(value, str)} for row in read
        ]
    except csv.Error as broken:
        raise FileUnreadable from broken
    if not rows:
        raise FileUnreadable
    return {str(name) for name in read.fieldnames or ()}, rows


def _ing(rows: Sequence[Row], *, language: int, header: set[str]) -> Statement:
    balance = _ING_BALANCE[language]
    if balance not in header:
        raise NoBalance
    column = {word: names[language] for word, names in _ING.items()}
    told: list[tuple[Line, int, int]] = []
    for number, row in enumerate(rows, start=2):
        sign = _ING_IN.get(row.get(column["way"], ""))
        if sign is None:
            raise FileIncomplete(line=number)
        line = Line(
            booked_on=_ing_day(row.get(column["day"], ""), at=number),
            amount_cents=sign * _cents(row.get(column["amount"], ""), at=number),
            counterparty_name=row.get(column["name"], "")[:140],
            counterparty_iban=_account(row.get(column["other"], ""))[:34],
            description=row.get(column["told"], "")[:1000],
            # ING names no line; with the balance after it, two equal ones are told apart in every download.
            bank_ref=f"saldo {row.get(balance, '').strip()}"[:70],
        )
        told.append((line, _cents(row.get(balance, ""), at=number), number))
    told.reverse()
    return _statement("ing_csv", told, account=rows[0].get(column["account"], ""), currency="EUR", ref="")


def _rabobank(rows: Sequence[Row], *, header: set[str]) -> Statement:
    if _RABO_BALANCE not in header:
        raise NoBalance
    told: list[tuple[Line, int, int]] = []
    for number, row in enumerate(rows, start=2):
        line = Line(
            booked_on=_rabo_day(row.get("Datum", ""), at=number),
            amount_cents=_cents(row.get("Bedrag", ""), at=number),
            counterparty_name=row.get("Naam tegenpartij", "")[:140],
            counterparty_iban=_account(row.get("Tegenrekening IBAN/BBAN", ""))[:34],
            description=" ".join(row[name].strip() for name in _RABO_TOLD if row.get(name, "").strip())[:1000],
            bank_ref=row.get("Volgnr", "").strip()[:70],
        )
        told.append((line, _cents(row.get(_RABO_BALANCE, ""), at=number), number))
    accounts, currencies = {row.get("IBAN/BBAN", "") for row in rows}, {row.get("Munt", "") for row in rows}
    told.sort(key=lambda one: (one[0].bank_ref.zfill(20), one[2]))
    return _statement(
        "rabobank_csv",
        told,
        # Several accounts or currencies in one download: whichever is not ours is what the refusal names.
        account=max(accounts, key=lambda one: one != rows[0].get("IBAN/BBAN", "")),
        currency=max(currencies, key=lambda one: one != "EUR"),
        ref=f"{told[0][0].bank_ref}-{told[-1][0].bank_ref}",
    )


def _statement(
    layout: str, told: Sequence[tuple[Line, int, int]], *, account: str, currency: str, ref: str
) -> Statement:
    """Return the statement of lines in the order they were booked, each with the balance after it."""
    opening = told[0][1] - told[0][0].amount_cents
    before = opening
    for line, after, _number in told:
        if before + line.amount_cents != after:
            raise DoesNotAddUp(difference=euros(abs(after - before - line.amount_cents)))
        before = after
    days = [line.booked_on for line, _after, _number in told]
    first, last = min(days), max(days)
    return Statement(
        layout=layout,
        # A CSV has no name of its own: what tells it apart is its period and its balances.
        ref=f"{layout}/{ref or f'{first}/{last}/{opening}/{before}'}",
        account=_account(account),
        currency=currency,
        opening_cents=opening,
        closing_cents=before,
        from_on=first,
        to_on=last,
        lines=tuple(line for line, _after, _number in told if line.amount_cents),
    )


def _account(text: str) -> str:
    return "".join(text.split()).upper()


def _cents(text: str, *, at: int) -> int:
    """Return an amount as whole cents, from its digits; thousands are not separated in these files."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise FileIncomplete(line=at)
    return int(f"{found[1]}{found[2]}{found[3]}")


def _ing_day(text: str, *, at: int) -> date:
    found = _ING_DATE.fullmatch(text.strip())
    return _rabo_day("-".join(found.groups()) if found else "", at=at)


def _rabo_day(text: str, *, at: int) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as wrong:
        raise FileIncomplete(line=at) from wrong
