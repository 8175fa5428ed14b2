"""The initiatives of the demonstration: one file each in `initiatives/`, to be read and changed by anyone."""

import tomllib
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from crowd.initiatives.content_rules import Budget, Help, Idea, Line, Place
from crowd.shared.money import Money

_FOLDER: Final = Path(__file__).parent / "initiatives"
# Ids are derived from the file's name, so that seeding twice is seeding once.
_SPACE: Final = UUID("01940000-0000-7000-8000-000000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One initiative. Amounts are whole euros; `days_left` runs from the day of seeding to the end date.

    `shifts` are (role, skill, days ahead, from, until, places).
    """

    key: str
    title: str
    summary: str
    story: str
    theme: str
    pc4: str
    place_note: str
    initiator: str
    state: str
    days_left: int
    minimum: int
    budget: tuple[tuple[str, int], ...]
    help_wanted: str = ""
    reason: str = ""
    live_days: int = 0
    shifts: tuple[tuple[str, str, int, str, str, int], ...] = ()

    @property
    def id(self) -> UUID:
        """The initiative's id, the same in every demonstration."""
        return uuid5(_SPACE, self.key)

    def id_of(self, part: str) -> UUID:
        """Return the id of something that belongs to it."""
        return uuid5(self.id, part)

    def sections(self, *, theme_id: UUID, today: date) -> tuple[Idea | Place | Budget | Help, ...]:
        """Return the steps of the wizard as its initiator filled them in."""
        lines = tuple(Line(label, Money(euros * 100)) for label, euros in self.budget)
        return (
            Idea(self.title, self.summary, self.story.strip(), theme_id),
            Place(pc4=self.pc4, place_note=self.place_note),
            Budget(lines, Money(self.minimum * 100), today + timedelta(days=self.days_left)),
            Help(self.help_wanted),
        )


def plans() -> list[Plan]:
    """Return every plan, by the name of its file."""
    return [_read(path) for path in sorted(_FOLDER.glob("*.toml"))]


def _read(path: Path) -> Plan:
    found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = set(found) - {field.name for field in fields(Plan)}
    if unknown:
        raise ValueError(f"{path.name} has unknown names: {', '.join(sorted(unknown))}")
    found["budget"] = tuple((str(label), int(euros)) for label, euros in found["budget"])
    found["shifts"] = tuple(tuple(shift) for shift in found.get("shifts", ()))
    return Plan(key=path.stem, **found)
