"""Reading CAMT.053, the XML statement of ISO 20022 (camt.053.001.02 up to .13), without trusting the file. Pure.

Namespaces are left aside save that the document must say it is a camt.053. Nothing a file defines itself is expanded:
a document type stops the reading, so there are no entities; depth and number of elements are limited.

Source: ISO 20022 message definition BankToCustomerStatement. Only booked entries count; a batch whose parts are
given with amounts that add up is read as its parts.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from xml.parsers import expat

from payments.bank.statement_rules import (
    LINES_MAX,
    FileIncomplete,
    FileUnreadable,
    FileUnsafe,
    Line,
    NoBalance,
    Statement,
)

_SPACE: Final = " "
_FAMILY: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
_DEPTH_MAX: Final = 40
_ELEMENTS_MAX: Final = LINES_MAX * 60
_CENTS_DIGITS: Final = 2
_EUROS_DIGITS: Final = 12
_DATE_LENGTH: Final = 10


@dataclass(slots=True)
class _Element:
    """An element: its name without the namespace, which only the document's own is asked, and the line it began on."""

    name: str
    namespace: str
    at: int
    attributes: dict[str, str]
    text: str = ""
    children: "list[_Element]" = field(default_factory=list)

    def all(self, path: str) -> "list[_Element]":
        """Return every element at this path of names, separated by slashes."""
        found = [self]
        for name in path.split("/"):
            found = [child for one in found for child in one.children if child.name == name]
        return found

    def first(self, *paths: str) -> "_Element | None":
        """Return the first element at the first of these paths that there is."""
        return next((found for path in paths for found in self.all(path)), None)

    def said(self, *paths: str) -> str:
        """Return the text of the first element at the first of these paths, empty when there is none."""
        found = self.first(*paths)
        return found.text.strip() if found else ""

    def need(self, *paths: str) -> "_Element":
        """Return the first element at these paths; raise FileIncomplete when there is none."""
        found = self.first(*paths)
        if found is None:
            raise FileIncomplete(line=self.at)
        return found


def read_camt(content: bytes) -> tuple[Statement, ...]:
    """Return every statement in a CAMT.053 file; raise FileUnreadable, FileUnsafe, FileIncomplete or NoBalance."""
    document = _parse(content)
    if document.name != "Document" or not document.namespace.startswith(_FAMILY):
        raise FileUnreadable
    statements = document.all("BkToCstmrStmt/Stmt")
    if not statements:
        raise FileUnreadable
    return tuple(_statement(one) for one in statements)


class _Building:
    """What expat's calls build: the tree so far, refusing what a bank file never holds."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=_SPACE)
        self.parser.buffer_text = True
        self.root: _Element | None = None
        self.open: list[_Element] = []
        self.count = 0
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: object) -> int:
        raise FileUnsafe

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= _DEPTH_MAX or self.count > _ELEMENTS_MAX:
            raise FileUnsafe
        space, _, bare = name.rpartition(_SPACE)
        element = _Element(name=bare, namespace=space, at=self.parser.CurrentLineNumber, attributes=attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, _name: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        self.open[-1].text += text


def _parse(content: bytes) -> _Element:
    building = _Building()
    try:
        building.parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as broken:
        raise FileUnreadable from broken
    if building.root is None:
        raise FileUnreadable
    return building.root


def _statement(found: _Element) -> Statement:
    balances = {one.said("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"): one for one in found.all("Bal")}
    opening = balances.get("OPBD") or balances.get("PRCD")
    closing = balances.get("CLBD")
    if opening is None or closing is None:
        raise NoBalance
    lines = [line for entry in found.all("Ntry") for line in _lines(entry)]
    days = [line.booked_on for line in lines] or [_day(closing.need("Dt"))]
    return Statement(
        layout="camt053",
        ref=found.need("Id").text.strip()[:70],
        account=found.said("Acct/Id/IBAN", "Acct/Id/Othr/Id").replace(_SPACE, ""),
        currency=_currency(found, opening),
        opening_cents=_signed(opening),
        closing_cents=_signed(closing),
        from_on=min(days),
        to_on=max(days),
        lines=tuple(lines),
    )


def _currency(found: _Element, opening: _Element) -> str:
    """Return the one currency of a statement; where entries differ, the one that is not the account's."""
    own = found.said("Acct/Ccy") or opening.need("Amt").attributes.get("Ccy", "")
    others = [one.attributes.get("Ccy", own) for one in (*found.all("Bal/Amt"), *found.all("Ntry/Amt"))]
    return next((one for one in others if one != own), own)


def _lines(entry: _Element) -> list[Line]:
    if entry.said("Sts/Cd", "Sts") not in {"BOOK", ""}:
        return []
    booked_on = _day(entry.need("BookgDt", "ValDt"))
    whole = _signed(entry)
    parts = entry.all("NtryDtls/TxDtls")
    cents = [_part_cents(part, entry=entry) for part in parts]
    if len(parts) > 1 and all(one is not None for one in cents) and sum(one or 0 for one in cents) == whole:
        told = [(one or 0, part) for one, part in zip(cents, parts, strict=True)]
    else:
        told = [(whole, parts[0] if len(parts) == 1 else entry)]
    return [_line(entry, part, booked_on=booked_on, cents=one) for one, part in told if one]


def _line(entry: _Element, part: _Element, *, booked_on: date, cents: int) -> Line:
    # Who is on the other side: the debtor of what came in, the creditor of what left.
    side = "Dbtr" if cents > 0 else "Cdtr"
    party = f"RltdPties/{side}"
    told = [one.text.strip() for one in part.all("RmtInf/Ustrd")]
    told += [one.text.strip() for one in part.all("RmtInf/Strd/CdtrRefInf/Ref")]
    own = part.said("Refs/EndToEndId")
    told += [own] if own not in {"", "NOTPROVIDED"} else []
    if part is entry or not told:
        told.append(entry.said("AddtlNtryInf"))
    ref = part.said("Refs/AcctSvcrRef") or (entry.said("AcctSvcrRef", "NtryRef") if part is not entry else "")
    return Line(
        booked_on=booked_on,
        amount_cents=cents,
        counterparty_name=part.said(f"{party}/Nm", f"{party}/Pty/Nm")[:140],
        counterparty_iban=part.said(f"{party}Acct/Id/IBAN")[:34],
        description=_SPACE.join(one for one in told if one)[:1000],
        bank_ref=(ref or entry.said("AcctSvcrRef", "NtryRef"))[:70],
    )


def _part_cents(part: _Element, *, entry: _Element) -> int | None:
    amount = part.first("Amt", "AmtDtls/TxAmt/Amt")
    if amount is None:
        return None
    direction = part.said("CdtDbtInd") or entry.said("CdtDbtInd")
    return _cents(amount) * _sign(direction, at=part.at)


def _signed(found: _Element) -> int:
    return _cents(found.need("Amt")) * _sign(found.said("CdtDbtInd"), at=found.at)


def _sign(direction: str, *, at: int) -> int:
    if direction not in {"CRDT", "DBIT"}:
        raise FileIncomplete(line=at)
    return 1 if direction == "CRDT" else -1


def _cents(amount: _Element) -> int:
    """Return an amount as whole cents, from its digits: no fraction is ever computed."""
    whole, _, rest = amount.text.strip().partition(".")
    rest = rest.rstrip("0").ljust(_CENTS_DIGITS, "0")
    if len(whole) > _EUROS_DIGITS or not (
        whole.isascii() and whole.isdigit() and rest.isascii() and rest.isdigit() and len(rest) == _CENTS_DIGITS
    ):
        raise FileIncomplete(line=amount.at)
    return int(whole + rest)


def _day(found: _Element) -> date:
    """Return the day of a date or of a moment, as the bank wrote it."""
    text = found.said("Dt", "DtTm") or found.said("Dt/Dt", "Dt/DtTm") or found.text.strip()
    try:
        return date.fromisoformat(text[:_DATE_LENGTH])
    except ValueError as wrong:
        raise FileIncomplete(line=found.at) from wrong
