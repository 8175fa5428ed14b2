"""GeoNames' table of postcodes: one row per area and place, comma separated, UTF-8, with a header.

An area that lies in several places appears several times; its first row counts. Source: geonames.org, CC BY 4.0.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crowd.municipalities.rules import Area, check_area
from crowd.shared.errors import Invalid

_COLUMNS: Final = ("zipcode", "place", "latitude", "longitude")
_LONGEST: Final = 50_000


class NotATable(Exception):
    """The file is something else; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a table holds: areas by their first row, (line, reason) for what is refused, and how many were repeated."""

    areas: list[Area]
    refused: list[tuple[int, str]]
    repeats: int


def read_areas(path: Path) -> Found:
    """Read the table at `path`. Raises NotATable, OSError."""
    areas: dict[str, Area] = {}
    refused: list[tuple[int, str]] = []
    repeats = 0
    for line, row in _rows(path):
        try:
            area = _area(row)
            check_area(area)
        except (Invalid, ValueError) as error:
            refused.append((line, str(error)))
            continue
        repeats += area.pc4 in areas
        areas.setdefault(area.pc4, area)
    return Found(list(areas.values()), refused, repeats)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise NotATable(f"the first line must name the columns {', '.join(_COLUMNS)}.")
            for row in table:
                if table.line_num > _LONGEST:
                    raise NotATable(f"this has more than {_LONGEST} lines, which is no table of Dutch postcodes.")
                yield table.line_num, row
    except UnicodeDecodeError as error:
        raise NotATable("this is not text in UTF-8.") from error
    except csv.Error as error:
        raise NotATable(f"this is not a table of comma-separated values: {error}.") from error


def _area(row: Mapping[str, str | None]) -> Area:
    latitude, longitude = (_degrees(row[name], name) for name in ("latitude", "longitude"))
    return Area((row["zipcode"] or "").strip(), " ".join((row["place"] or "").split()), latitude, longitude)


def _degrees(text: str | None, name: str) -> float:
    try:
        return float(text or "")
    except ValueError as error:
        raise ValueError(f"The {name} is missing or is no number.") from error
