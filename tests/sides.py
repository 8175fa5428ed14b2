"""A volunteer and a shift of a snapshot, as `score.py` sees them: how an oracle asks about one pair."""

from datetime import date
from typing import Final

import numpy as np

from crowd.municipalities.rules import Place
from matching.assignment.snapshot import FOR_EVER, NOBODY, UNKNOWN_DAY, Snapshot, moment_at
from matching.placements.score import ShiftSide, VolunteerSide
from matching.roles.rules import CREDENTIALS

_LONGEST: Final = date(9999, 12, 31)


def parents_of(snapshot: Snapshot) -> dict[int, int]:
    """The wider skill of each that has one."""
    return {skill: int(wider) for skill, wider in enumerate(snapshot.parents) if wider != NOBODY}


def volunteer_side(snapshot: Snapshot, index: int) -> VolunteerSide:
    """One volunteer; being invited takes their time and one of their wishes, as being accepted does."""
    people, busy, invited = snapshot.volunteers, snapshot.busy, snapshot.invited
    asked = invited.shift[invited.volunteer == index]
    barred = snapshot.barred.shift[snapshot.barred.volunteer == index]
    shifts, mine = snapshot.shifts, busy.volunteer == index
    spans = [*zip(busy.starts[mine], busy.ends[mine], strict=True)]
    spans += [*zip(shifts.starts[asked], shifts.ends[asked], strict=True)]
    own = slice(people.skills.starts[index], people.skills.starts[index + 1])
    return VolunteerSide(
        municipality_id=int(people.municipality[index]),
        home=Place(int(people.east[index]), int(people.north[index])) if people.has_home[index] else None,
        reach_metres=int(people.reach[index]),
        offers=int(people.offers[index]),
        languages=int(people.languages[index]),
        wants_at_most=int(people.wants_at_most[index]),
        upcoming=int(people.upcoming[index]) + len(asked),
        recent=int(people.recent[index]),
        born_on=_day(int(people.born_on[index])),
        skills=dict(zip(people.skills.items[own].tolist(), people.levels[own].tolist(), strict=True)),
        themes=frozenset(people.themes.of(index).tolist()),
        credentials={
            kind: None if until == FOR_EVER else _day(int(until))
            for kind, until in zip(CREDENTIALS, people.credentials[index], strict=True)
            if until != UNKNOWN_DAY
        },
        busy=tuple((moment_at(int(begin)), moment_at(int(end))) for begin, end in spans),
        known=frozenset(np.concatenate((asked, barred)).tolist()),
    )


def shift_side(snapshot: Snapshot, index: int, *, with_invited: bool = False) -> ShiftSide:
    """One shift; for what is possible an invited person has a place, for how needed it is not yet."""
    shifts, roles = snapshot.shifts, snapshot.roles
    role = int(shifts.role[index])
    own = slice(roles.skills.starts[role], roles.skills.starts[role + 1])
    asked = int((snapshot.invited.shift == index).sum()) if with_invited else 0
    return ShiftSide(
        id=index,
        municipality_id=int(shifts.municipality[index]),
        initiative_state="live" if shifts.is_open[index] else "suspended",
        is_cancelled=False,
        place=Place(int(shifts.east[index]), int(shifts.north[index])) if shifts.has_place[index] else None,
        starts_at=moment_at(int(shifts.starts[index])),
        ends_at=moment_at(int(shifts.ends[index])),
        capacity=int(shifts.capacity[index]),
        filled=int(shifts.filled[index]) + asked,
        asks=int(shifts.asks[index]),
        asked_languages=int(roles.asked_languages[role]),
        theme_id=None if roles.theme[role] == NOBODY else int(roles.theme[role]),
        skills=dict(zip(roles.skills.items[own].tolist(), roles.required[own].tolist(), strict=True)),
        minimum_age=int(roles.minimum_age[role]) or None,
        needs_credential=None if roles.credential[role] == NOBODY else CREDENTIALS[roles.credential[role]],
    )


def _day(number: int) -> date | None:
    return None if number == UNKNOWN_DAY else date(number // 10_000, number // 100 % 100, number % 100)
