"""A list as people keep it, CSV or a spreadsheet, as a table of words: within bounds, whatever is in the file.

CSV in UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs. Of a spreadsheet (xlsx) the first sheet, its
values as they were last worked out. Why openpyxl, and what keeps it within bounds: decision 38.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from crowd.shared.errors import Invalid, msg
from frontend.imports.texts import NotText, decoded
from matching.moving.rules import LINES_MAX, Line, Table, unique_headers

BYTES_MAX: Final = 10_000_000
COLUMNS_MAX: Final = 100
CELL_MAX: Final = 4_000
# Of a spreadsheet: what all its parts unfold to, and how many there may be.
UNFOLDED_MAX: Final = 60_000_000
PARTS_MAX: Final = 2_000
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_SEPARATORS: Final = (";", ",", "\t")


class NoFile(Invalid):
    """Nothing was chosen, or an empty file."""

    sentence = msg("Choose a file. An empty one holds nothing to read in.")


class TooLarge(Invalid):
    """More bytes than a list of people needs."""

    sentence = msg("The file is larger than {most} MB. Leave out pictures and sheets that do not matter, or split it.")


class TooManyLines(Invalid):
    """More lines than can be looked over."""

    sentence = msg("The file has more than {most} lines. Split it into several files.")


class TooManyColumns(Invalid):
    """More columns than a list of people needs."""

    sentence = msg("The file has more than {most} columns. Leave out those that do not matter.")


class NotATable(Invalid):
    """Neither a text nor a spreadsheet, or one that is broken."""

    sentence = msg("This file cannot be read as a table. Save it as CSV or as an Excel workbook (.xlsx).")


class NoNames(Invalid):
    """Without names nobody knows what the columns are."""

    sentence = msg("The first line must name the columns, and there must be a line below it.")


def read_table(content: bytes) -> Table:
    """Return the table in a file. Lines without a single value are left out; the others keep their numbers.

    Raises NoFile, TooLarge, TooManyLines, TooManyColumns, NotATable, NoNames.
    """
    if not content:
        raise NoFile(field="file")
    if len(content) > BYTES_MAX:
        raise TooLarge(field="file", most=BYTES_MAX // 1_000_000)
    if content.startswith(_OLD_OFFICE):
        raise NotATable(field="file")
    rows = _of_spreadsheet(content) if content.startswith(_ZIP) else _of_text(content)
    names: Sequence[str] = ()
    lines: list[Line] = []
    # Names without a file of lines are looked for no further than anybody puts them.
    for number, values in rows:
        if not any(values):
            continue
        if len(values) > COLUMNS_MAX:
            raise TooManyColumns(field="file", most=COLUMNS_MAX)
        if not names:
            names = values
            continue
        if len(lines) == LINES_MAX:
            raise TooManyLines(field="file", most=LINES_MAX)
        lines.append(Line(number, tuple(values)))
    if not names or not lines:
        raise NoNames(field="file")
    return Table(unique_headers(names), tuple(lines))


def _of_text(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = decoded(content)
    except NotText as error:
        raise NotATable(field="file") from error
    first_line = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=first_line.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for values in table:
            yield table.line_num, _trimmed(values)
    except csv.Error as error:
        raise NotATable(field="file") from error


def _of_spreadsheet(content: bytes) -> Iterator[tuple[int, list[str]]]:
    _check_unfolds(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # What the file says of its own size is not believed: the rows end where they end.
            sheet.reset_dimensions()
            # One row and column more than allowed, to know that there are more.
            rows = sheet.iter_rows(max_row=_ROWS_READ, max_col=COLUMNS_MAX + 1, values_only=True)
            for number, row in enumerate(islice(rows, _ROWS_READ), start=1):
                yield number, _trimmed([_written(value) for value in row])
        finally:
            book.close()
    except Invalid:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        LookupError,
        ValueError,
        TypeError,
        OSError,
        SyntaxError,
    ) as error:
        # A part that is missing, broken XML, a date that is none, entities: whatever it is, it is no workbook.
        raise NotATable(field="file") from error


# Names may stand some lines down, below a title; blank rows between them count for the bound, too.
_ROWS_READ: Final = LINES_MAX + 1_000


def _check_unfolds(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except zipfile.BadZipFile as error:
        raise NotATable(field="file") from error
    if len(sizes) > PARTS_MAX or sum(sizes) > UNFOLDED_MAX:
        raise TooLarge(field="file", most=UNFOLDED_MAX // 1_000_000)


def _trimmed(values: Sequence[str]) -> list[str]:
    """Return the values without surrounding space, cut to what a value can be; empty ones at the end are dropped."""
    clean = [value.replace("\0", "").strip()[:CELL_MAX] for value in values]
    while clean and not clean[-1]:
        clean.pop()
    return clean


def _written(value: object) -> str:
    """Return a cell as somebody would have typed it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time.min else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
