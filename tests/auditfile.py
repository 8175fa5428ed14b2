"""What an XML Auditfile Financieel 3.2 must be like, in our own words: order, lengths, counts, totals, references.

Written from the schema's documentation, for the elements we write; anything else is refused. See
docs/decisions/0024-the-audit-file.md for how it relates to the schema itself.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from xml.etree import ElementTree as ET

NAMESPACE = "{http://www.auditfiles.nl/XAF/3.2}"
_MANY = 10**9


class Part(NamedTuple):
    """A child element: how often it may stand there, and what it holds (a pattern), or its own parts."""

    name: str
    least: int
    most: int
    holds: "str | tuple[Part, ...]"


def _text(most: int) -> str:
    return rf"(?s:.{{0,{most}}})"


_ID = _text(35)
_DAY = r"\d{4}-\d\d-\d\d"
_AMOUNT = r"-?\d{1,18}\.\d\d"
_SIDE = "[DC]"
_ADDRESS = tuple(
    Part(name, 0, 1, _text(most))
    for name, most in (
        *(("streetname", 999), ("number", 15), ("numberExtension", 999), ("property", 50)),
        *(("city", 50), ("postalCode", 10), ("region", 50), ("country", 2)),
    )
)
_HEADER = (
    Part("fiscalYear", 1, 1, _text(9)),
    Part("startDate", 1, 1, _DAY),
    Part("endDate", 1, 1, _DAY),
    Part("curCode", 1, 1, "EUR"),
    Part("dateCreated", 1, 1, _DAY),
    Part("softwareDesc", 0, 1, _text(50)),
    Part("softwareVersion", 0, 1, _text(20)),
)
_ACCOUNT = (
    Part("accID", 1, 1, _ID),
    Part("accDesc", 1, 1, _text(999)),
    Part("accTp", 1, 1, "[BMP]"),
    Part("leadCode", 0, 1, _text(999)),
    Part("leadDescription", 0, 1, _text(999)),
)
_PERIOD = (
    Part("periodNumber", 1, 1, r"\d{1,3}"),
    Part("periodDesc", 0, 1, _text(50)),
    Part("startDatePeriod", 1, 1, _DAY),
    Part("endDatePeriod", 1, 1, _DAY),
)
_COUNTS = (
    Part("linesCount", 1, 1, r"\d{1,10}"),
    Part("totalDebit", 1, 1, _AMOUNT),
    Part("totalCredit", 1, 1, _AMOUNT),
)
_OPENING_LINE = (
    Part("nr", 1, 1, _ID),
    Part("accID", 1, 1, _ID),
    Part("amnt", 1, 1, _AMOUNT),
    Part("amntTp", 1, 1, _SIDE),
)
_OPENING = (
    Part("opBalDate", 1, 1, _DAY),
    Part("opBalDesc", 0, 1, _text(999)),
    *_COUNTS,
    Part("obLine", 0, _MANY, _OPENING_LINE),
)
_LINE = (
    Part("nr", 1, 1, _ID),
    Part("accID", 1, 1, _ID),
    Part("docRef", 1, 1, _text(999)),
    Part("effDate", 1, 1, _DAY),
    Part("desc", 0, 1, _text(9999)),
    Part("amnt", 1, 1, _AMOUNT),
    Part("amntTp", 1, 1, _SIDE),
    Part("projID", 0, 1, _ID),
)
_TRANSACTION = (
    Part("nr", 1, 1, _ID),
    Part("desc", 0, 1, _text(9999)),
    Part("periodNumber", 1, 1, r"\d{1,3}"),
    Part("trDt", 1, 1, _DAY),
    Part("sourceID", 0, 1, _ID),
    Part("trLine", 0, _MANY, _LINE),
)
_JOURNAL = (
    Part("jrnID", 1, 1, _ID),
    Part("desc", 1, 1, _text(9999)),
    Part("jrnTp", 0, 1, "[BCGMOPSTYZ]"),
    Part("offsetAccID", 0, 1, _ID),
    Part("transaction", 0, _MANY, _TRANSACTION),
)
_COMPANY = (
    Part("companyIdent", 0, 1, _ID),
    Part("companyName", 1, 1, _text(999)),
    Part("taxRegistrationCountry", 1, 1, "[A-Z]{2}"),
    Part("taxRegIdent", 1, 1, _text(30)),
    Part("streetAddress", 0, _MANY, _ADDRESS),
    Part("generalLedger", 0, 1, (Part("ledgerAccount", 1, _MANY, _ACCOUNT),)),
    Part("periods", 0, 1, (Part("period", 0, _MANY, _PERIOD),)),
    Part("openingBalance", 0, 1, _OPENING),
    Part("transactions", 0, 1, (*_COUNTS, Part("journal", 0, _MANY, _JOURNAL))),
)
_FILE = (Part("header", 1, 1, _HEADER), Part("company", 1, 1, _COMPANY))


def wrong_with(text: str) -> list[str]:
    """Everything that is wrong with the audit file `text`, in sentences; empty when it may be handed over."""
    root = ET.fromstring(text)  # noqa: S314  our own output
    if root.tag != f"{NAMESPACE}auditfile":
        return [f"the root is {root.tag}"]
    # What is not in its place cannot be counted, and what is not known cannot be compared.
    wrong = list(_shape(root, _FILE, "auditfile"))
    return wrong or list(_references(root)) or [*_sums(root), *_days(root)]


def _shape(element: ET.Element, parts: tuple[Part, ...], path: str) -> Iterator[str]:
    names = [child.tag.removeprefix(NAMESPACE) for child in element]
    order = [part.name for part in parts]
    unknown = set(names) - set(order)
    if unknown:
        yield f"{path}: {sorted(unknown)} do not belong there"
        return
    if names != sorted(names, key=order.index):
        yield f"{path}: {names} stand in another order than {order}"
    counts = Counter(names)
    for part in parts:
        if not part.least <= counts[part.name] <= part.most:
            yield f"{path}: {part.name} stands there {counts[part.name]} times"
        for child in element.findall(NAMESPACE + part.name):
            if isinstance(part.holds, tuple):
                yield from _shape(child, part.holds, f"{path}/{part.name}")
            elif len(child) or not re.fullmatch(part.holds, child.text or ""):
                yield f"{path}/{part.name}: {child.text!r} is not {part.holds}"


def _texts(element: ET.Element, path: str) -> list[str]:
    steps = "/".join(NAMESPACE + step for step in path.split("/"))
    return [found.text or "" for found in element.findall(steps)]


def _all(element: ET.Element, path: str) -> list[ET.Element]:
    return element.findall("/".join(NAMESPACE + step for step in path.split("/")))


def _references(root: ET.Element) -> Iterator[str]:
    transaction = "company/transactions/journal/transaction"
    keys = {
        "company/generalLedger/ledgerAccount/accID": (
            *("company/openingBalance/obLine/accID", f"{transaction}/trLine/accID"),
            "company/transactions/journal/offsetAccID",
        ),
        "company/periods/period/periodNumber": (f"{transaction}/periodNumber",),
        "company/transactions/journal/jrnID": (),
        f"{transaction}/nr": (),
    }
    for key, users in keys.items():
        known = _texts(root, key)
        twice = [text for text, times in Counter(known).items() if times > 1]
        if twice:
            yield f"{key}: {twice[:3]} stand there more than once"
        for user in users:
            lost = set(_texts(root, user)) - set(known)
            if lost:
                yield f"{user}: {sorted(lost)[:3]} are not among {key}"


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _sums(root: ET.Element) -> Iterator[str]:
    balance = dict(zip(_texts(root, "company/generalLedger/ledgerAccount/accID"), _kinds(root), strict=True))
    for whole, lines in (("openingBalance", "obLine"), ("transactions", "journal/transaction/trLine")):
        for element in _all(root, f"company/{whole}"):
            found = _all(element, lines)
            sides = {side: sum(_amount(line) for line in found if _side(line) == side) for side in "DC"}
            said = [_texts(element, name)[0] for name in ("linesCount", "totalDebit", "totalCredit")]
            if [int(said[0]), _cents(said[1]), _cents(said[2])] != [len(found), sides["D"], sides["C"]]:
                yield f"{whole}: says {said}, holds {len(found)} lines, {sides}"
            if sides["D"] != sides["C"]:
                yield f"{whole}: debit and credit differ"
    for line in _all(root, "company/openingBalance/obLine"):
        if balance[_texts(line, "accID")[0]] != "B":
            yield "openingBalance: costs and losses do not begin a year with a balance"
    for transaction in _all(root, "company/transactions/journal/transaction"):
        lines_of_it = _all(transaction, "trLine")
        if sum(_amount(line) * (1 if _side(line) == "D" else -1) for line in lines_of_it) or not lines_of_it:
            yield f"transaction {_texts(transaction, 'nr')[0]} does not balance"


def _kinds(root: ET.Element) -> list[str]:
    return _texts(root, "company/generalLedger/ledgerAccount/accTp")


def _amount(line: ET.Element) -> int:
    return _cents(_texts(line, "amnt")[0])


def _side(line: ET.Element) -> str:
    return _texts(line, "amntTp")[0]


def _days(root: ET.Element) -> Iterator[str]:
    first, last = (date.fromisoformat(_texts(root, f"header/{name}")[0]) for name in ("startDate", "endDate"))
    periods = {
        _texts(period, "periodNumber")[0]: [
            date.fromisoformat(_texts(period, name)[0]) for name in ("startDatePeriod", "endDatePeriod")
        ]
        for period in _all(root, "company/periods/period")
    }
    if any(not first <= start <= end <= last for start, end in periods.values()):
        yield "a period lies outside the file's days"
    if _texts(root, "company/openingBalance/opBalDate") != [first.isoformat()]:
        yield "the opening balance is of another day than the first"
    for transaction in _all(root, "company/transactions/journal/transaction"):
        day = date.fromisoformat(_texts(transaction, "trDt")[0])
        start, end = periods[_texts(transaction, "periodNumber")[0]]
        if not start <= day <= end:
            yield f"transaction {_texts(transaction, 'nr')[0]} of {day} is not in its period"
