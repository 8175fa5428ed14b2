"""Everything an assignment is decided on, frozen at one moment, as plain arrays sorted by id.

The same snapshot gives the same answer, today and next year. Volunteers, roles and shifts are named by their place
in these arrays. A moment is microseconds since 1970 in UTC; a day is the number yyyymmdd, which orders like days do
and gives an age by subtracting; places are whole metres on the flat map; lists of different lengths lie end to end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matching.roles.rules import CREDENTIALS

Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Ids: TypeAlias = NDArray[np.uint64]

NOBODY: Final = -1
UNKNOWN_DAY: Final = 0
FOR_EVER: Final = 99_991_231
MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HALF: Final = (1 << 64) - 1


class SnapshotIsBroken(ValueError):
    """Arrays that contradict one another: whoever read the snapshot made a mistake."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Many short lists end to end: the one at `i` is `items[starts[i]:starts[i + 1]]`."""

    starts: Ints
    items: Ints

    def of(self, index: int) -> Ints:
        """Return one of the lists."""
        return self.items[self.starts[index] : self.starts[index + 1]]

    @property
    def lengths(self) -> Ints:
        return np.diff(self.starts)

    def unrolled(self, which: Ints) -> tuple[Ints, Ints]:
        """Return, for every item of these lists in turn, the place of its list in `which`, and where its item lies."""
        lengths = self.starts[which + 1] - self.starts[which]
        of = np.repeat(np.arange(len(which)), lengths)
        within = np.arange(len(of)) - (np.cumsum(lengths) - lengths)[of]
        return of, self.starts[which][of] + within


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Volunteers and shifts that have something with each other, in no particular order."""

    volunteer: Ints
    shift: Ints


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Volunteers:
    """Who could come. `offers` and `languages` are masks of the vocabulary, `reach` is metres.

    `born_on` may be UNKNOWN_DAY. `credentials` has a column for each of roles.rules.CREDENTIALS: the last day it
    counts, FOR_EVER, or UNKNOWN_DAY when nobody saw it. `levels` lies beside the items of `skills`.
    """

    ids: Ids
    municipality: Ints
    has_home: Bools
    east: Ints
    north: Ints
    reach: Ints
    offers: Ints
    languages: Ints
    wants_at_most: Ints
    upcoming: Ints
    recent: Ints
    born_on: Ints
    credentials: Ints
    skills: Lists
    levels: Ints
    themes: Lists

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.offers)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Roles:
    """What is asked. `theme` and `credential` may be NOBODY's, `minimum_age` 0; `required` lies beside `skills`."""

    ids: Ids
    asked_languages: Ints
    theme: Ints
    minimum_age: Ints
    credential: Ints
    skills: Lists
    required: Bools

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.theme)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shifts:
    """When and where. `on` is the local day it begins; without a place it is done from anywhere."""

    ids: Ids
    municipality: Ints
    role: Ints
    is_open: Bools
    has_place: Bools
    east: Ints
    north: Ints
    starts: Ints
    ends: Ints
    on: Ints
    asks: Ints
    capacity: Ints
    minimum_crew: Ints
    filled: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.asks)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Busy:
    """Accepted work ahead, which nothing moves: whose, when and where. Its shift need not be in the snapshot."""

    volunteer: Ints
    starts: Ints
    ends: Ints
    has_place: Bools
    east: Ints
    north: Ints


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot:
    """One moment. `parents` names the wider skill of each, or NOBODY; a wider skill has none.

    `invited` have a question open: their place and time are kept. `proposed` is what the last run found and nobody
    was told yet. `barred` never go together: known on the shift's list in whatever state, blocked, opted out.
    """

    now: int
    volunteers: Volunteers
    roles: Roles
    shifts: Shifts
    parents: Ints
    busy: Busy
    invited: Pairs
    proposed: Pairs
    barred: Pairs
    _places_left: Ints = field(init=False)
    _crew_left: Ints = field(init=False)
    _wants_left: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Refuse arrays that contradict one another, and reckon what is left on both sides."""
        check(self)
        asked = np.bincount(self.invited.shift, minlength=len(self.shifts))
        asking = np.bincount(self.invited.volunteer, minlength=len(self.volunteers))
        taken = self.shifts.filled + asked
        people = self.volunteers
        object.__setattr__(self, "_places_left", np.maximum(self.shifts.capacity - taken, 0))
        object.__setattr__(self, "_crew_left", np.maximum(self.shifts.minimum_crew - taken, 0))
        object.__setattr__(self, "_wants_left", np.maximum(people.wants_at_most - people.upcoming - asking, 0))

    @property
    def places_left(self) -> Ints:
        """Places of each shift that neither an accepted nor an invited person has."""
        return self._places_left

    @property
    def crew_left(self) -> Ints:
        """How many each shift needs more, before it can go ahead."""
        return self._crew_left

    @property
    def wants_left(self) -> Ints:
        """How many more shifts each volunteer would take."""
        return self._wants_left

    @property
    def is_placed(self) -> Bools:
        """Who has something to do already, or is asked to."""
        return self.wants_left < self.volunteers.wants_at_most


def check(snapshot: Snapshot) -> None:
    """Return when every array has the length and the values that its name promises; raise SnapshotIsBroken."""
    people, roles, shifts, busy = snapshot.volunteers, snapshot.roles, snapshot.shifts, snapshot.busy
    for name, table in (("volunteers", people), ("roles", roles), ("shifts", shifts)):
        _check_ids(name, table.ids, len(table))
    _check_lengths("volunteers", people, len(people), apart=("skills", "levels", "themes"))
    _check_lengths("roles", roles, len(roles), apart=("skills", "required"))
    _check_lengths("shifts", shifts, len(shifts))
    _check_lengths("busy", busy, len(busy.volunteer))
    if people.credentials.shape != (len(people), len(CREDENTIALS)):
        raise SnapshotIsBroken("volunteers.credentials: a column for each kind")
    for name, lists, beside, rows in (
        ("skills of volunteers", people.skills, people.levels, len(people)),
        ("themes of volunteers", people.themes, people.themes.items, len(people)),
        ("skills of roles", roles.skills, roles.required, len(roles)),
    ):
        whole = len(lists.starts) == rows + 1 and lists.starts[0] == 0 and lists.starts[-1] == len(lists.items)
        if not whole or len(beside) != len(lists.items) or np.any(np.diff(lists.starts) < 0):
            raise SnapshotIsBroken(f"{name}: the lists do not lie end to end")
    skills = len(snapshot.parents)
    _check_range("skills of volunteers", people.skills.items, skills)
    _check_range("skills of roles", roles.skills.items, skills)
    _check_range("parents", snapshot.parents, skills, least=NOBODY)
    _check_range("credential of roles", roles.credential, len(CREDENTIALS), least=NOBODY)
    _check_range("role of shifts", shifts.role, len(roles))
    _check_range("busy", busy.volunteer, len(people))
    for pairs in (snapshot.invited, snapshot.proposed, snapshot.barred):
        if len(pairs.volunteer) != len(pairs.shift):
            raise SnapshotIsBroken("pairs of different lengths")
        _check_range("volunteer of pairs", pairs.volunteer, len(people))
        _check_range("shift of pairs", pairs.shift, len(shifts))
    if np.any(shifts.starts >= shifts.ends) or np.any(busy.starts >= busy.ends):
        raise SnapshotIsBroken("shifts: one ends before it starts")
    if np.any(shifts.filled > shifts.capacity) or np.any(shifts.minimum_crew > shifts.capacity):
        raise SnapshotIsBroken("shifts: more people than places")


def _check_ids(name: str, ids: Ids, rows: int) -> None:
    if ids.shape != (rows, 2):
        raise SnapshotIsBroken(f"{name}.ids: two halves for each")
    high, low = ids[:, 0], ids[:, 1]
    rises = (high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))
    if not rises.all():
        raise SnapshotIsBroken(f"{name}.ids: not sorted, or one twice")


def _check_lengths(name: str, table: object, rows: int, *, apart: tuple[str, ...] = ()) -> None:
    for column in table.__slots__:  # type: ignore[attr-defined]  # every table is a dataclass with slots
        if column not in apart and len(getattr(table, column)) != rows:
            raise SnapshotIsBroken(f"{name}.{column}: {rows} rows expected")


def _check_range(name: str, values: Ints, below: int, *, least: int = 0) -> None:
    if len(values) and not least <= values.min() <= values.max() < below:
        raise SnapshotIsBroken(f"{name}: names something that is not there")


def id_array(ids: Iterable[UUID]) -> Ids:
    """Return ids as two halves each, in the order given; a table of a snapshot wants them sorted."""
    halves = [(one.int >> 64, one.int & _HALF) for one in ids]
    return np.array(halves, dtype=np.uint64).reshape(-1, 2)


def id_at(ids: Ids, index: int) -> UUID:
    """Return one id of a table."""
    return UUID(int=int(ids[index, 0]) << 64 | int(ids[index, 1]))


def day_number(day: date) -> int:
    """Return a day as yyyymmdd."""
    return day.year * 10_000 + day.month * 100 + day.day


def moment_number(moment: datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_at(number: int) -> datetime:
    """Return the moment of this number, in UTC."""
    return _EPOCH + timedelta(microseconds=number)
