"""Reading days, times, languages and parts of the week as people write them in a list. Pure."""

import re
from datetime import date, time
from typing import Final

from matching.moving.note_rules import MomentNotRead
from matching.moving.rules import plain
from matching.vocabulary.rules import ALL_CELLS, LANGUAGES, PARTS, cell

_DIGITS: Final = 4
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[ T].*)?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?")
_DAY_WORDS: Final = (
    ("maandag", "ma", "monday", "mon"),
    ("dinsdag", "di", "tuesday", "tue"),
    ("woensdag", "wo", "wednesday", "wed"),
    ("donderdag", "do", "thursday", "thu"),
    ("vrijdag", "vr", "friday", "fri"),
    ("zaterdag", "za", "saturday", "sat"),
    ("zondag", "zo", "sunday", "sun"),
)
_PART_WORDS: Final = (("ochtend", "morning"), ("middag", "afternoon"), ("avond", "evening"))
_SEVERAL_DAYS: Final = {"weekend": (5, 6), "werkdagen": range(5), "doordeweeks": range(5), "weekdays": range(5)}
_ALWAYS: Final = frozenset({"altijd", "always", "flexibel", "flexible"})


def read_day(text: str) -> date | None:
    """Return a day written as 31-12-1990 or 1990-12-31, with or without a time after it; None when it is none."""
    bare = text.strip()
    try:
        if found := _YEAR_FIRST.fullmatch(bare):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(bare):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    return None


def read_clock(text: str) -> time:
    """Return a time written as 9:30, 09.30 or after a date. Raises MomentNotRead."""
    found = _CLOCK.fullmatch(text.strip().rpartition(" ")[2])
    try:
        return time(int(found[1]), int(found[2])) if found else _not_read(text)
    except ValueError:
        return _not_read(text)


def _not_read(text: str) -> time:
    raise MomentNotRead(text=text[:20])


def read_languages(text: str, unknown: list[str]) -> int:
    """Return the languages named, as a mask; what is no language of ours is added to `unknown`."""
    by_word = {plain(word): bit for bit, one in enumerate(LANGUAGES) for word in (one.code, one.label_nl, one.label_en)}
    mask = 0
    for word in filter(None, (part.strip() for part in re.split(r"[,;|/\n]", text))):
        if plain(word) in by_word:
            mask |= 1 << by_word[plain(word)]
        else:
            unknown.append(word)
    return mask


def read_cells(text: str, unknown: list[str]) -> int:
    """Return the parts of the week named, as a mask: "ma ochtend; weekend". What says none is added to `unknown`."""
    mask = 0
    for chunk in filter(None, (plain(part) for part in re.split(r"[,;|\n]", text))):
        words = chunk.split()
        days = [day for day, names in enumerate(_DAY_WORDS) if any(word in names for word in words)]
        days += [day for word in words for day in _SEVERAL_DAYS.get(word, ())]
        parts = [part for part, names in enumerate(_PART_WORDS) if any(word.startswith(names) for word in words)]
        if _ALWAYS & set(words):
            mask |= ALL_CELLS
        elif days or parts:
            for day in days or range(len(_DAY_WORDS)):
                for part in parts or range(len(PARTS)):
                    mask |= cell(day, part)
        else:
            unknown.append(chunk)
    return mask


def is_whole(text: str) -> bool:
    """Whether this is a whole number of a few digits."""
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS
