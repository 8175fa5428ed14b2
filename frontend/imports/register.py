"""A Dutch municipal subsidy register: one row per dossier, in the layouts that were met in practice.

Encodings UTF-8 (with or without a mark at its beginning) and Windows-1252; fields separated by semicolons or
commas; lines ended either way; amounts written "1400", " 1400", "1400.00", ".00", "1.400,00" or "NULL". The first
line names the columns. Source of the layouts: the register of the City of Amsterdam, 2016 to 2019.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crowd.initiatives.content_rules import clean
from crowd.initiatives.import_operations import Dossier
from crowd.shared.errors import Invalid, msg
from crowd.shared.money import Money
from frontend.imports.texts import NotText, decoded

_NEEDED: Final = ("DOSSIERNUMMER", "AANVRAGER", "PROJECT_NAAM", "ORGANISATIEONDERDEEL", "BEDRAG_AANGEVRAAGD")
# The layout of 2016 has no policy area; the department's name says the same.
_THEME: Final = ("BELEIDSTERREIN", "AFDELINGNAAM_BELEID")
_BYTES_MAX: Final = 50_000_000
_AMOUNT: Final = re.compile(r"(\d*)(?:\.(\d{1,2}))?", re.ASCII)
_DUTCH_AMOUNT: Final = re.compile(r"(\d{1,3}(?:\.\d{3})*|\d+),(\d{2})", re.ASCII)
LIMIT: Final = Money(250_000_00)


class NotARegister(Exception):
    """The file is something else; the message says what was expected."""


class NumberMissing(Invalid):
    """Without its dossier number a row cannot be recognised the next time."""

    sentence = msg("The dossier number is missing.")


class AmountNotRead(Invalid):
    """No amount, or none that can be read."""

    sentence = msg("The amount asked is missing or is no amount: {text}.")


class AmountIsZero(Invalid):
    """Nothing was asked."""

    sentence = msg("The amount asked is 0.")


class AmountAboveLimit(Invalid):
    """More than a neighbourhood campaign may ask."""

    sentence = msg("The amount asked, € {euros}, is above the limit of € {limit}.")


class RowTorn(Invalid):
    """A row with more or fewer fields than the first line names."""

    sentence = msg("This row does not have as many fields as the first line.")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: a dossier, or why it is refused."""

    line: int
    dossier: Dossier | None = None
    refused: Invalid | None = None


def read_register(path: Path) -> list[Row]:
    """Return every row of the register at `path`, good or refused, in its order. Raises NotARegister, OSError."""
    content = path.read_bytes()
    if len(content) > _BYTES_MAX:
        raise NotARegister(f"this is larger than {_BYTES_MAX // 1_000_000} MB, which is no register.")
    text = _decoded(content)
    first_line = text.partition("\n")[0]
    table = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first_line.count(";") > first_line.count(",") else ","
    )
    columns = [name.strip() for name in table.fieldnames or ()]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise NotARegister(f"the first line must name the columns {', '.join(_NEEDED)}; {', '.join(missing)} missing.")
    table.fieldnames = columns
    try:
        return list(_rows(table))
    except csv.Error as error:
        raise NotARegister(f"this is not a table: {error}.") from error


def _decoded(content: bytes) -> str:
    try:
        return decoded(content)
    except NotText as error:
        raise NotARegister("this is not a text file.") from error


def _rows(table: "csv.DictReader[str]") -> Iterator[Row]:
    for fields in table:
        line = table.line_num
        try:
            yield Row(line, dossier=_dossier(fields))
        except Invalid as refused:
            yield Row(line, refused=refused)


def _dossier(fields: Mapping[str, str | None]) -> Dossier:
    # A row that is too long keeps its rest under None, one that is too short has None as a value.
    if None in fields or None in fields.values():
        raise RowTorn
    words = {name: clean(text or "") for name, text in fields.items()}
    words = {name: "" if text == "NULL" else text for name, text in words.items()}
    if not words["DOSSIERNUMMER"]:
        raise NumberMissing
    return Dossier(
        number=words["DOSSIERNUMMER"],
        applicant=words["AANVRAGER"],
        project=words["PROJECT_NAAM"],
        scheme=words.get("REGELINGNAAM", ""),
        year=words.get("SUBSIDIEJAAR", ""),
        theme=next((words[name] for name in _THEME if words.get(name)), ""),
        neighbourhood=words["ORGANISATIEONDERDEEL"],
        asked=_asked(words["BEDRAG_AANGEVRAAGD"]),
    )


def _asked(text: str) -> Money:
    amount = read_register_amount(text)
    if amount is None:
        raise AmountNotRead(text=text or "NULL")
    if not amount:
        raise AmountIsZero
    if amount > LIMIT:
        raise AmountAboveLimit(euros=amount.cents // 100, limit=LIMIT.cents // 100)
    return amount


def read_register_amount(text: str) -> Money | None:
    """Return the euros a register means by `text`; None when it is no amount. A point divides off the cents."""
    bare = text.strip()
    if dutch := _DUTCH_AMOUNT.fullmatch(bare):
        return Money(int(dutch[1].replace(".", "")) * 100 + int(dutch[2]))
    match = _AMOUNT.fullmatch(bare)
    if not bare or match is None or bare == ".":
        return None
    return Money(int(match[1] or "0") * 100 + int((match[2] or "0").ljust(2, "0")))
