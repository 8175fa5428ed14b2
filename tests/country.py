"""A made-up country of volunteers and shifts, of any size, the same for the same seed. For oracles and benchmarks.

Its towns are as uneven as ours: a few are large. People live at the middle of a postcode area, skills and languages
have long tails, the old are free by day and the others in the evening, and Saturday is when everybody is needed.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.random import Generator, default_rng

from matching.assignment.snapshot import (
    FOR_EVER,
    HOUR,
    MINUTE,
    NOBODY,
    UNKNOWN_DAY,
    Bools,
    Busy,
    Ids,
    Ints,
    Lists,
    Pairs,
    Roles,
    Shifts,
    Snapshot,
    Volunteers,
    day_number,
    moment_at,
    moment_number,
)
from matching.vocabulary.rules import AMSTERDAM, CELLS, OPEN_TO_SUGGESTIONS, asks, cells_of

NOW: Final = datetime(2026, 11, 23, 2, tzinfo=UTC)
# A town for so many volunteers: forty of them in a country of a hundred thousand.
_PEOPLE_OF_A_TOWN: Final = 2_500
_SKILLS: Final = 120
_THEMES: Final = 12
_LANGUAGES: Final = 8
_WIDER: Final = 30
_DAYS: Final = 28
# Half of them morning people would be wrong: shifts are in the evening, and on Saturday.
_HOURS: Final = np.array([9, 10, 13, 14, 15, 19, 20])
_HOUR_WEIGHTS: Final = np.array([0.16, 0.14, 0.18, 0.16, 0.08, 0.2, 0.08])
_DAY_WEIGHTS: Final = np.array([0.11, 0.12, 0.15, 0.12, 0.12, 0.27, 0.11])


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of a country. `crowded` squeezes it into one town and two days, where everything is in the way.

    With `borders` each town is a municipality of its own; without, everybody can help everywhere, which is harder.
    """

    volunteers: int
    shifts: int
    borders: bool = False
    crowded: bool = False
    places_each: float = 0.9


def lay(size: Size, *, seed: int) -> Snapshot:
    """Make the country."""
    dice = default_rng([seed, size.volunteers, size.shifts])
    towns = 1 if size.crowded else max(2, size.volunteers // _PEOPLE_OF_A_TOWN)
    weights = 1 / np.arange(1, towns + 1) ** 0.8
    weights /= weights.sum()
    # Metres from the middle of the country; a town twice as large is as much wider as its surface asks.
    centres = dice.integers(-90_000, 90_000, size=(towns, 2))
    widths = 1_500 + 9_000 * np.sqrt(weights / weights.max())
    volunteers = _volunteers(dice, size, weights, centres, widths)
    roles = _roles(dice, max(1, size.shifts * 2 // 5))
    shifts = _shifts(dice, size, roles, weights, centres, widths)
    parents = np.where(np.arange(_SKILLS) < _WIDER, NOBODY, dice.integers(-_WIDER, _WIDER, _SKILLS))
    snapshot = Snapshot(
        now=moment_number(NOW),
        volunteers=volunteers,
        roles=roles,
        shifts=shifts,
        parents=np.maximum(parents, NOBODY),
        busy=_busy(shifts, _pairs(dice, 0, 1, 1)),
        invited=_pairs(dice, 0, 1, 1),
        proposed=_pairs(dice, 0, 1, 1),
        barred=_pairs(dice, 0, 1, 1),
    )
    return _with_history(dice, snapshot)


def churned(snapshot: Snapshot, proposed: Pairs, *, seed: int, share: float = 0.03) -> Snapshot:
    """Return the next night: so many people paused or changed their week, so many shifts were called off or grew."""
    dice = default_rng([seed, len(proposed.volunteer)])
    people, shifts = snapshot.volunteers, snapshot.shifts
    lot = dice.random(len(people))
    offers = np.where(lot < share / 2, people.offers & ~np.int64(OPEN_TO_SUGGESTIONS), people.offers)
    moved = people.offers ^ dice.integers(0, 1 << CELLS, len(people))
    offers = np.where((lot >= share / 2) & (lot < share), moved, offers)
    drawn = dice.random(len(shifts))
    grown = (drawn >= share / 2) & (drawn < share)
    return replace(
        snapshot,
        volunteers=replace(people, offers=offers),
        shifts=replace(shifts, is_open=shifts.is_open & (drawn >= share / 2), capacity=shifts.capacity + 2 * grown),
        proposed=proposed,
    )


def ids_of(count: int) -> Ids:
    """Ids in their order, as far apart as real ones."""
    return np.column_stack((np.arange(count, dtype=np.uint64) << np.uint64(16), np.full(count, 7, dtype=np.uint64)))


def _homes(
    dice: Generator, count: int, weights: np.ndarray, centres: np.ndarray, widths: np.ndarray
) -> tuple[Ints, Ints, Ints]:
    """Town, east and north of so many people: each at the middle of one of their town's postcode areas."""
    town = dice.choice(len(weights), size=count, p=weights)
    areas = np.maximum(3, np.rint(weights * 1_200).astype(np.int64))
    starts = np.concatenate(([0], np.cumsum(areas)))
    of = np.repeat(np.arange(len(weights)), areas)
    spread = default_rng(len(of)).normal(0, 0.45, size=(len(of), 2)) * widths[of, None]
    middle = np.rint(centres[of] + spread).astype(np.int64)
    area = starts[town] + dice.integers(0, areas[town])
    return town.astype(np.int64), middle[area, 0], middle[area, 1]


def _volunteers(
    dice: Generator, size: Size, weights: np.ndarray, centres: np.ndarray, widths: np.ndarray
) -> Volunteers:
    count = size.volunteers
    town, east, north = _homes(dice, count, weights, centres, widths)
    retired = dice.random(count) < 0.4
    parts = np.tile([0, 1, 2], 7)
    weekend = np.arange(CELLS) // 3 >= 5
    likely = np.where(retired[:, None], np.where(parts < 2, 0.6, 0.25), np.where((parts == 2) | weekend, 0.45, 0.08))
    free = (dice.random((count, CELLS)) < likely) @ (1 << np.arange(CELLS))
    speaks = dice.random((count, _LANGUAGES)) < np.array([0.97, 0.55, 0.06, 0.06, 0.03, 0.03, 0.03, 0.12])
    languages = speaks @ (1 << np.arange(_LANGUAGES))
    is_open = dice.random(count) < 0.96
    born = dice.integers(1946, 2010, count) * 10_000 + dice.integers(1, 13, count) * 100 + dice.integers(1, 29, count)
    seen = dice.random((count, 4)) < np.array([0.3, 0.1, 0.08, 0.5])
    until = np.array([FOR_EVER, 20_261_130, 20_270_601, 20_290_101])[dice.integers(0, 4, (count, 4))]
    skills = _lists(dice, dice.poisson(2.2, count).clip(0, 8), _SKILLS)
    return Volunteers(
        ids=ids_of(count),
        municipality=town if size.borders else np.zeros(count, dtype=np.int64),
        has_home=dice.random(count) < 0.99,
        east=east,
        north=north,
        reach=dice.choice([2_000, 5_000, 10_000, 15_000, 30_000], size=count, p=[0.2, 0.35, 0.3, 0.1, 0.05]),
        offers=free | languages << CELLS | np.where(is_open, OPEN_TO_SUGGESTIONS, 0),
        languages=languages,
        wants_at_most=dice.choice([1, 2, 3, 5], size=count, p=[0.5, 0.3, 0.15, 0.05]),
        upcoming=np.zeros(count, dtype=np.int64),
        recent=dice.poisson(0.8, count),
        born_on=np.where(dice.random(count) < 0.9, born, UNKNOWN_DAY),
        credentials=np.where(seen, until, UNKNOWN_DAY),
        skills=skills,
        levels=dice.integers(1, 4, len(skills.items)),
        themes=_lists(dice, dice.poisson(1.5, count).clip(0, 5), _THEMES),
    )


def _roles(dice: Generator, count: int) -> Roles:
    skills = _lists(dice, dice.choice([0, 1, 2, 3, 4], size=count, p=[0.25, 0.35, 0.2, 0.12, 0.08]), _SKILLS)
    required = (dice.random(len(skills.items)) < 0.12) & (np.arange(len(skills.items)) % 2 == 0)
    return Roles(
        ids=ids_of(count),
        asked_languages=dice.choice([0, 1, 3, 9, 5], size=count, p=[0.4, 0.4, 0.1, 0.05, 0.05]),
        theme=dice.integers(NOBODY, _THEMES, count),
        minimum_age=dice.choice([0, 16, 18, 21], size=count, p=[0.8, 0.08, 0.1, 0.02]),
        credential=dice.choice([NOBODY, 0, 1, 3], size=count, p=[0.88, 0.07, 0.02, 0.03]),
        skills=skills,
        required=required,
    )


def _shifts(
    dice: Generator, size: Size, roles: Roles, weights: np.ndarray, centres: np.ndarray, widths: np.ndarray
) -> Shifts:
    count = size.shifts
    role = np.sort(dice.integers(0, len(roles), count))
    town, east, north = (column[role] for column in _homes(dice, len(roles), weights, centres, widths))
    anywhere = (dice.random(len(roles)) < 0.02)[role]
    starts, ends = _times(dice, size)
    local = [moment_at(int(start)).astimezone(AMSTERDAM).date() for start in starts]
    cells = [cells_of(moment_at(int(start)), moment_at(int(end))) for start, end in zip(starts, ends, strict=True)]
    required = np.where(dice.random(count) < 0.5, roles.asked_languages[role], 0)
    mean = size.places_each * size.volunteers / max(count, 1)
    capacity = np.clip(np.rint(dice.lognormal(np.log(max(mean, 1)) - 0.32, 0.8, count)), 1, 500).astype(np.int64)
    crew = np.where(dice.random(count) < 0.6, 1, np.ceil(capacity * dice.uniform(0.1, 0.5, count)))
    return Shifts(
        ids=ids_of(count),
        municipality=town if size.borders else np.zeros(count, dtype=np.int64),
        role=role,
        is_open=dice.random(count) < 0.98,
        has_place=~anywhere,
        east=np.where(anywhere, 0, east),
        north=np.where(anywhere, 0, north),
        starts=starts,
        ends=ends,
        on=np.array([day_number(day) for day in local], dtype=np.int64),
        asks=np.array([asks(cells=one, languages=int(two)) for one, two in zip(cells, required, strict=True)]),
        capacity=capacity,
        minimum_crew=crew.astype(np.int64),
        filled=np.zeros(count, dtype=np.int64),
    )


def _times(dice: Generator, size: Size) -> tuple[Ints, Ints]:
    if size.crowded:
        begin = moment_number(NOW) + dice.integers(-60, 2 * 24 * 60, size.shifts) * MINUTE
        return begin, begin + dice.integers(30, 600, size.shifts) * MINUTE
    midnight = moment_number(datetime(2026, 11, 23, tzinfo=AMSTERDAM).astimezone(UTC))
    weeks = dice.integers(0, _DAYS // 7, size.shifts)
    days = weeks * 7 + dice.choice(7, size=size.shifts, p=_DAY_WEIGHTS)
    hours = dice.choice(_HOURS, size=size.shifts, p=_HOUR_WEIGHTS)
    begin = midnight + days * 24 * HOUR + hours * HOUR + dice.choice([0, 30], size=size.shifts) * MINUTE
    return begin, begin + dice.choice([90, 120, 150, 180, 240], size=size.shifts) * MINUTE


def _lists(dice: Generator, lengths: Ints, kinds: int) -> Lists:
    """Lists without doubles, of things that are the rarer the later they come."""
    starts = np.concatenate(([0], np.cumsum(lengths)))
    of = np.repeat(np.arange(len(lengths)), lengths)
    items = np.minimum((dice.random(len(of)) ** 2 * kinds).astype(np.int64), kinds - 1)
    keys = np.unique(of * kinds + items)
    lengths = np.bincount(keys // kinds, minlength=len(lengths))
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return Lists(starts, keys % kinds)


def _pairs(dice: Generator, count: int, volunteers: int, shifts: int) -> Pairs:
    """So many different pairs, or a few less."""
    keys = np.unique(dice.integers(0, max(volunteers * shifts, 1), count))
    return Pairs(keys // max(shifts, 1), keys % max(shifts, 1))


def _busy(shifts: Shifts, pairs: Pairs) -> Busy:
    which = pairs.shift
    return Busy(
        volunteer=pairs.volunteer,
        starts=shifts.starts[which],
        ends=shifts.ends[which],
        has_place=shifts.has_place[which],
        east=shifts.east[which],
        north=shifts.north[which],
    )


def _with_history(dice: Generator, snapshot: Snapshot) -> Snapshot:
    """Some people come already, some were asked, some said no."""
    people, shifts = snapshot.volunteers, snapshot.shifts
    if not len(people) or not len(shifts):
        return snapshot
    lot = _pairs(dice, len(people) // 5, len(people), len(shifts))
    kind = dice.choice(3, size=len(lot.volunteer), p=[0.4, 0.15, 0.45])
    accepted, invited = _some(lot, kind == 0), _some(lot, kind == 1)
    # Nobody is accepted above a shift's capacity, nor twice on one day here.
    accepted = _some(
        accepted, _first_of(accepted.volunteer) & (_rank(accepted.shift) < shifts.capacity[accepted.shift])
    )
    filled = np.bincount(accepted.shift, minlength=len(shifts))
    upcoming = np.bincount(accepted.volunteer, minlength=len(people))
    free = _rank(invited.shift) < (shifts.capacity - filled)[invited.shift]
    return replace(
        snapshot,
        volunteers=replace(people, upcoming=upcoming, recent=people.recent + upcoming),
        shifts=replace(shifts, filled=filled),
        busy=_busy(shifts, accepted),
        invited=_some(invited, free),
        barred=lot,
    )


def _some(pairs: Pairs, kept: Bools) -> Pairs:
    return Pairs(pairs.volunteer[kept], pairs.shift[kept])


def _rank(group: Ints) -> Ints:
    """How many of the same group came before."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - (np.cumsum(sizes) - sizes)[group[order]]
    return rank


def _first_of(group: Ints) -> Bools:
    first: Bools = _rank(group) == 0
    return first
