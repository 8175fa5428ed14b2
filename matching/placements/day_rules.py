"""The day of a shift and after: who may check in when, when people are reminded and thanked, and hours. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from crowd.shared.errors import Conflict, Invalid, NotFound, msg
from matching.vocabulary.rules import AMSTERDAM

# People come early to set up.
OPENS_BEFORE: Final = timedelta(hours=1)
REMIND_AT: Final = time(10)
THANK_AT: Final = time(10)
# Nobody wants thanks for what they have forgotten; also what was done before there were thanks stays so.
THANK_WITHIN: Final = timedelta(days=7)
MINUTES_MAX: Final = 24 * 60
_HOURS = re.compile(r"(?P<hours>\d{1,2})(?:(?P<mark>[:.,])(?P<rest>\d{1,2}))?", re.ASCII)


class NotYetOpen(Conflict):
    """Too early to be there."""

    sentence = msg("You can check in from {moment}.")


class CheckInIsOver(Conflict):
    """The shift is over: its people are counted."""

    sentence = msg(
        "This shift is over, so you can no longer check in. Were you there? The initiative counts you as having come."
    )


class NotOnTheList(NotFound):
    """Whoever stands at the door has no place on this shift."""

    sentence = msg("You have no place on this shift. Tell whoever is at the desk that you are here.")


class WrongDoorCode(Invalid):
    """Not the code that hangs at the door."""

    sentence = msg("This is not the code at the door. Look for the four digits below the square.")


class BadHours(Invalid):
    """No length of time that somebody can have helped on one day."""

    sentence = msg("Fill in the hours as a number, for example 3, 2,5 or 2:30; at most 24.")


class NoHoursYet(NotFound):
    """Nothing was done in this year that a certificate could state."""

    sentence = msg("There are no hours in this year yet, so there is no certificate.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Helped:
    """A shift that somebody completed, and how long they helped, in minutes."""

    placement_id: UUID
    initiative_id: UUID
    initiative: str
    role: str
    starts_at: datetime
    minutes: int


def opens_at(starts_at: datetime) -> datetime:
    """Return from when people may check in: an hour before the shift begins."""
    return starts_at - OPENS_BEFORE


def may_check_in(*, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether it is the time of a shift, from an hour before it until its end."""
    return opens_at(starts_at) <= now < ends_at


def check_window(*, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Return when it is the time to check in; raise NotYetOpen or CheckInIsOver."""
    if now < opens_at(starts_at):
        raise NotYetOpen(moment=opens_at(starts_at))
    if now >= ends_at:
        raise CheckInIsOver


def remind_from(starts_at: datetime) -> datetime:
    """Return when people are reminded: ten in the morning, the day before."""
    return _at(starts_at, REMIND_AT, days=-1)


def thank_from(ends_at: datetime) -> datetime:
    """Return when people are thanked: ten in the morning, the day after, when who did not come has been noted."""
    return _at(ends_at, THANK_AT, days=1)


def is_reminder_due(*, starts_at: datetime, said_yes_at: datetime, now: datetime) -> bool:
    """Whether to remind somebody now. Who said yes after that moment has just read where and when."""
    return said_yes_at < remind_from(starts_at) <= now < starts_at


def is_thanks_due(*, ends_at: datetime, now: datetime) -> bool:
    """Whether to thank somebody now."""
    return thank_from(ends_at) <= now < ends_at + THANK_WITHIN


def _at(moment: datetime, at: time, *, days: int) -> datetime:
    day = moment.astimezone(AMSTERDAM).date() + timedelta(days=days)
    return datetime.combine(day, at, tzinfo=AMSTERDAM).astimezone(UTC)


def length(starts_at: datetime, ends_at: datetime) -> int:
    """Return how long a shift is, in whole minutes, by the clock that does not jump."""
    return (ends_at.astimezone(UTC) - starts_at.astimezone(UTC)) // timedelta(minutes=1)


def read_hours(typed: str, *, field: str = "hours") -> int:
    """Return minutes: "3", "2,5" and "2.5" are hours, "2:30" hours and minutes. Raise BadHours."""
    found = _HOURS.fullmatch(typed.strip())
    if found is None:
        raise BadHours(field=field)
    minutes = int(found["hours"]) * 60
    if found["mark"] == ":":
        rest = int(found["rest"])
        if rest >= 60 or len(found["rest"]) != 2:  # noqa: PLR2004  minutes of an hour, in two digits
            raise BadHours(field=field)
        minutes += rest
    elif found["mark"]:
        # Rounded to the nearest minute: 1,33 hours are 80 minutes.
        minutes += (int(found["rest"].ljust(2, "0")) * 60 + 50) // 100
    if not 1 <= minutes <= MINUTES_MAX:
        raise BadHours(field=field)
    return minutes


def written_hours(minutes: int) -> str:
    """Return minutes as people write hours, the same in both languages: 180 is "3", 150 is "2:30"."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02d}" if rest else str(hours)


def by_year(helped: Iterable[Helped]) -> dict[int, int]:
    """Return year -> minutes, the latest year first, by the Dutch day on which each shift began."""
    found: dict[int, int] = {}
    for one in helped:
        year = one.starts_at.astimezone(AMSTERDAM).year
        found[year] = found.get(year, 0) + one.minutes
    return dict(sorted(found.items(), reverse=True))


def by_initiative(helped: Sequence[Helped]) -> list[list[Helped]]:
    """Return what was done, in a list for each initiative, in the order in which somebody first helped there."""
    first: dict[UUID, datetime] = {}
    for one in helped:
        first[one.initiative_id] = min(one.starts_at, first.get(one.initiative_id, one.starts_at))
    ordered = sorted(helped, key=lambda one: (first[one.initiative_id], str(one.initiative_id), one.starts_at))
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.initiative_id)]
