"""Languages, the cells of a week, and the one mask in which a shift asks and a volunteer offers. Pure.

A mask is 63 bits, so that it fits a bigint: bits 0-20 are the week's cells, 21-40 the languages, 62 says that
somebody is open to suggestions. A volunteer fits when `offers & asks == asks`; the bits that are missing say why not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crowd.shared.errors import Invalid, msg

# Not from crowd.shared.clock, which stands on the database: rules stand on nothing.
AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS: Final = ("morning", "afternoon", "evening")
# Local hours at which a part begins. The evening lasts until the next morning, so the cells cover the whole week.
_BEGINS: Final = (6, 12, 18)
CELLS: Final = len(DAYS) * len(PARTS)
ALL_CELLS: Final = (1 << CELLS) - 1
# Whoever is there the whole afternoon does not lose a shift over its last half hour.
_SPILL: Final = timedelta(hours=1)

LANGUAGE_BITS: Final = 20
_LANGUAGES_FROM: Final = CELLS
OPEN_TO_SUGGESTIONS: Final = 1 << 62

LEVELS: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Language:
    """A language people help in. Its place in `LANGUAGES` is its bit: only ever add at the end."""

    code: str
    label_nl: str
    label_en: str


LANGUAGES: Final = (
    Language("nl", "Nederlands", "Dutch"),
    Language("en", "Engels", "English"),
    Language("ar", "Arabisch", "Arabic"),
    Language("tr", "Turks", "Turkish"),
    Language("zgh", "Berbers", "Berber"),
    Language("pl", "Pools", "Polish"),
    Language("uk", "Oekraïens", "Ukrainian"),
    Language("de", "Duits", "German"),
    Language("fr", "Frans", "French"),
    Language("es", "Spaans", "Spanish"),
    Language("pt", "Portugees", "Portuguese"),
    Language("pap", "Papiaments", "Papiamento"),
    Language("srn", "Sranantongo", "Sranan Tongo"),
    Language("zh", "Chinees", "Chinese"),
    Language("fa", "Perzisch", "Persian"),
    Language("ti", "Tigrinya", "Tigrinya"),
    Language("so", "Somalisch", "Somali"),
    Language("ro", "Roemeens", "Romanian"),
    Language("bg", "Bulgaars", "Bulgarian"),
    Language("dse", "Nederlandse Gebarentaal", "Dutch Sign Language"),
)
LANGUAGE_CODES: Final = tuple(language.code for language in LANGUAGES)


class UnknownLanguage(Invalid):
    """Not one of the languages that can be chosen."""

    sentence = msg("Choose languages from the list.")


class UnknownSkill(Invalid):
    """Not one of the skills that can be chosen, or too many of them."""

    sentence = msg("Choose skills from the list, at most {most}.")


class UnknownCell(Invalid):
    """Not a part of a day of the week."""

    sentence = msg("Choose parts of the week from the table.")


def language_mask(codes: Iterable[str]) -> int:
    """Return the languages as bits, the first language of the list as bit 0. Raises UnknownLanguage."""
    mask = 0
    for code in codes:
        if code not in LANGUAGE_CODES:
            raise UnknownLanguage(field="languages")
        mask |= 1 << LANGUAGE_CODES.index(code)
    return mask


def languages_in(mask: int) -> tuple[Language, ...]:
    """Return the languages whose bits are set, in the order of the list."""
    return tuple(language for bit, language in enumerate(LANGUAGES) if mask >> bit & 1)


def cell(day: int, part: int) -> int:
    """Return the bit of a part (0 morning, 1 afternoon, 2 evening) of a day (0 Monday)."""
    return 1 << (day * len(PARTS) + part)


def cell_names(mask: int) -> tuple[tuple[str, str], ...]:
    """Return (day, part) for each cell of the mask, in the order of the week."""
    return tuple((DAYS[bit // len(PARTS)], PARTS[bit % len(PARTS)]) for bit in range(CELLS) if mask >> bit & 1)


def cells_of(starts_at: datetime, ends_at: datetime) -> int:
    """Return the cells somebody must be free in to take a shift from `starts_at` to `ends_at`.

    Those in which it takes more than an hour, in local time; when there are none, the one it begins in.
    """
    # In UTC, because Python subtracts two moments of one zone by their clocks, and forgets when the clock changed.
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    mask, found = 0, False
    begin = _cell_begin(starts_at)
    while begin < ends_at:
        end = _next_begin(begin)
        if min(end, ends_at) - max(begin, starts_at) > _SPILL:
            mask, found = mask | _cell_at(begin), True
        begin = end
    return mask if found else _cell_at(_cell_begin(starts_at))


def asks(*, cells: int, languages: int) -> int:
    """Return the mask of what a shift requires: its cells, its required languages, and openness to being asked."""
    return cells | languages << _LANGUAGES_FROM | OPEN_TO_SUGGESTIONS


def offers(*, cells: int, languages: int, is_open: bool) -> int:
    """Return the mask of what a volunteer has to give. The database computes the same in a generated column."""
    return cells | languages << _LANGUAGES_FROM | (OPEN_TO_SUGGESTIONS if is_open else 0)


def cells_in(mask: int) -> int:
    """Return the cells of a mask."""
    return mask & ALL_CELLS


def language_bits_in(mask: int) -> int:
    """Return the languages of a mask, as `language_mask` writes them."""
    return mask >> _LANGUAGES_FROM & ((1 << LANGUAGE_BITS) - 1)


def _cell_begin(moment: datetime) -> datetime:
    """Return the moment at which the cell of `moment` began."""
    local = moment.astimezone(AMSTERDAM)
    hours = [hour for hour in _BEGINS if hour <= local.hour]
    day = local.date() if hours else local.date() - timedelta(days=1)
    return datetime.combine(day, time(hours[-1] if hours else _BEGINS[-1]), tzinfo=AMSTERDAM).astimezone(UTC)


def _next_begin(begin: datetime) -> datetime:
    # Reckoned on the local clock: a night in which the clock changes is an hour shorter or longer.
    local = begin.astimezone(AMSTERDAM)
    part = _BEGINS.index(local.hour)
    day = local.date() + timedelta(days=1) if part == len(_BEGINS) - 1 else local.date()
    hour = _BEGINS[(part + 1) % len(_BEGINS)]
    return datetime.combine(day, time(hour), tzinfo=AMSTERDAM).astimezone(UTC)


def _cell_at(begin: datetime) -> int:
    local = begin.astimezone(AMSTERDAM)
    return cell(local.weekday(), _BEGINS.index(local.hour))
