"""How well a volunteer and a shift fit: what makes it impossible, and six terms that add up to 0..1000. Pure.

The same arithmetic stands in SQL in `suggestions.py`; a test compares them over random people and shifts. All
divisions are whole and round down; only the distance term uses the exponential, of whole metres, rounded.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from crowd.municipalities.rules import Place, metres_between
from crowd.shared.errors import Invalid, msg
from matching.roles.rules import HELPABLE
from matching.vocabulary.rules import (
    AMSTERDAM,
    OPEN_TO_SUGGESTIONS,
    cell_names,
    cells_in,
    language_bits_in,
    languages_in,
)
from matching.volunteers.rules import age_on

TermKind = Literal["skills", "distance", "interest", "fairness", "need", "language"]
FailureKind = Literal[
    "closed",
    "past",
    "full",
    "paused",
    "known",
    "time",
    "language",
    "distance",
    "skill",
    "age",
    "credential",
    "clash",
    "wish",
]
Fact = str | int | bool | date | None

# What a skill counts for at each level, in hundredths; a wider concept counts half of it.
CREDIT: Final[Mapping[int, int]] = {1: 60, 2: 80, 3: 100}
QUARTER: Final = timedelta(days=91)
FAIR_SHARE: Final = 5
# Urgency in thousandths: full within two days, falling to a quarter a month ahead.
URGENT_HOURS: Final = 48
CALM_HOURS: Final = 720
CALM: Final = 250
FULL: Final = 1000


class WeightsDoNotAddUp(Invalid):
    """A policy whose weights are not a thousand together."""

    sentence = msg("The weights of a matching policy must add up to 1000.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What each term is worth at most, in points; together 1000. `decay_metres` is where distance has lost 63%."""

    version: int = 1
    skills: int = 300
    distance: int = 220
    interest: int = 150
    fairness: int = 150
    need: int = 120
    language: int = 60
    decay_metres: int = 8000

    def __post_init__(self) -> None:
        weights = (self.skills, self.distance, self.interest, self.fairness, self.need, self.language)
        if sum(weights) != FULL or min(weights) < 0 or self.decay_metres <= 0:
            raise WeightsDoNotAddUp


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerSide:
    """A volunteer as scoring sees one. `busy` are the accepted times ahead, `known` the shifts they stand on a list of.

    `recent` counts placements of the last quarter and ahead, `upcoming` those still to come; a credential's date
    is the last day it counts, None for ever. `home` is empty for somebody without a profile.
    """

    municipality_id: object
    home: Place | None
    reach_metres: int
    offers: int
    languages: int
    wants_at_most: int
    upcoming: int
    recent: int
    born_on: date | None = None
    skills: Mapping[int, int] = field(default_factory=dict)
    themes: frozenset[object] = frozenset()
    credentials: Mapping[str, date | None] = field(default_factory=dict)
    busy: tuple[tuple[datetime, datetime], ...] = ()
    known: frozenset[object] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSide:
    """A shift as scoring sees one. `skills` is skill id -> whether it is required; no `place` means from anywhere."""

    id: object
    municipality_id: object
    initiative_state: str
    is_cancelled: bool
    place: Place | None
    starts_at: datetime
    ends_at: datetime
    capacity: int
    filled: int
    asks: int
    asked_languages: int
    theme_id: object | None = None
    skills: Mapping[int, bool] = field(default_factory=dict)
    minimum_age: int | None = None
    needs_credential: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One of the six: its points, the most it could be, and the facts its sentence is made of."""

    kind: TermKind
    points: int
    most: int
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Score:
    """Six terms. Their sum is the score."""

    terms: tuple[Term, ...]

    @property
    def total(self) -> int:
        """The score, 0 to 1000."""
        return sum(term.points for term in self.terms)


@dataclass(frozen=True, slots=True)
class Failure:
    """A hard constraint that is broken, with what would have to be different."""

    kind: FailureKind
    facts: Mapping[str, Fact]


def credits_of(skills: Mapping[int, int], parents: Mapping[int, int]) -> dict[int, tuple[int, bool]]:
    """Return skill id -> (credit in hundredths, whether it meets a requirement) for everything these skills count for.

    A skill counts for itself and, as much, for its wider concept: who prunes, gardens. A wider concept counts half
    for each narrower one, and never meets a requirement of it: who gardens may not be able to prune.
    """
    found: dict[int, tuple[int, bool]] = {}

    def count(skill: int, credit: int, *, meets: bool) -> None:
        known = found.get(skill, (0, False))
        found[skill] = (max(known[0], credit), known[1] or meets)

    for skill, level in skills.items():
        count(skill, CREDIT[level], meets=True)
        if skill in parents:
            count(parents[skill], CREDIT[level], meets=True)
        for child, parent in parents.items():
            if parent == skill:
                count(child, CREDIT[level] // 2, meets=False)
    return found


def score(
    volunteer: VolunteerSide, shift: ShiftSide, *, parents: Mapping[int, int], policy: Policy, now: datetime
) -> Score:
    """Return the six terms of this pair, whether or not it is possible; `failures` says that."""
    return Score(
        (
            _skills(volunteer, shift, parents, policy),
            _distance(volunteer, shift, policy),
            _interest(volunteer, shift, policy),
            _fairness(volunteer, policy),
            _need(shift, policy, now),
            _language(volunteer, shift, policy),
        )
    )


def failures(
    volunteer: VolunteerSide, shift: ShiftSide, *, parents: Mapping[int, int], now: datetime
) -> tuple[Failure, ...]:
    """Return every hard constraint this pair breaks; none means it is possible."""
    found = [*_shift_failures(volunteer, shift, now), *_mask_failures(volunteer, shift)]
    if shift.place is not None:
        metres = metres_between(volunteer.home, shift.place) if volunteer.home else None
        if metres is None or metres > volunteer.reach_metres:
            found.append(Failure("distance", {"metres": metres, "reach_metres": volunteer.reach_metres}))
    credits_ = credits_of(volunteer.skills, parents)
    missing = [s for s, required in sorted(shift.skills.items()) if required and not credits_.get(s, (0, False))[1]]
    found += [Failure("skill", {"skill_id": skill}) for skill in missing]
    day = shift.starts_at.astimezone(AMSTERDAM).date()
    found += _threshold_failures(volunteer, shift, day)
    if any(begin < shift.ends_at and shift.starts_at < end for begin, end in volunteer.busy):
        found.append(Failure("clash", {}))
    if volunteer.upcoming >= volunteer.wants_at_most:
        found.append(Failure("wish", {"wants_at_most": volunteer.wants_at_most}))
    return tuple(found)


def _shift_failures(volunteer: VolunteerSide, shift: ShiftSide, now: datetime) -> list[Failure]:
    found = []
    is_elsewhere = shift.municipality_id != volunteer.municipality_id
    if shift.is_cancelled or shift.initiative_state not in HELPABLE or is_elsewhere:
        found.append(Failure("closed", {}))
    if shift.starts_at <= now:
        found.append(Failure("past", {}))
    if shift.filled >= shift.capacity:
        found.append(Failure("full", {}))
    if shift.id in volunteer.known:
        found.append(Failure("known", {}))
    return found


def _mask_failures(volunteer: VolunteerSide, shift: ShiftSide) -> list[Failure]:
    missing = shift.asks & ~volunteer.offers
    found = []
    if missing & OPEN_TO_SUGGESTIONS:
        found.append(Failure("paused", {}))
    found += [Failure("time", {"day": day, "part": part}) for day, part in cell_names(cells_in(missing))]
    found += [Failure("language", {"code": spoken.code}) for spoken in languages_in(language_bits_in(missing))]
    return found


def _threshold_failures(volunteer: VolunteerSide, shift: ShiftSide, day: date) -> list[Failure]:
    found = []
    if shift.minimum_age is not None and (
        volunteer.born_on is None or age_on(volunteer.born_on, day) < shift.minimum_age
    ):
        found.append(Failure("age", {"age": shift.minimum_age, "is_known": volunteer.born_on is not None}))
    if shift.needs_credential is not None:
        until = volunteer.credentials.get(shift.needs_credential)
        if shift.needs_credential not in volunteer.credentials or (until is not None and until < day):
            found.append(Failure("credential", {"kind": shift.needs_credential, "on": day}))
    return found


def _skills(volunteer: VolunteerSide, shift: ShiftSide, parents: Mapping[int, int], policy: Policy) -> Term:
    asked = len(shift.skills)
    if not asked:
        # Nothing special is asked: everybody fits, but nobody's talent is put to use.
        return Term("skills", policy.skills // 2, policy.skills, {"asked": 0, "have": 0})
    credits_ = credits_of(volunteer.skills, parents)
    worth = [credits_.get(skill, (0, False))[0] for skill in shift.skills]
    points = policy.skills * sum(worth) // (100 * asked)
    return Term("skills", points, policy.skills, {"asked": asked, "have": sum(1 for credit in worth if credit)})


def _distance(volunteer: VolunteerSide, shift: ShiftSide, policy: Policy) -> Term:
    if shift.place is None:
        return Term("distance", policy.distance, policy.distance, {"metres": None})
    if volunteer.home is None:
        return Term("distance", 0, policy.distance, {"metres": None})
    metres = metres_between(volunteer.home, shift.place)
    points = round(policy.distance * math.exp(-metres / policy.decay_metres))
    return Term("distance", points, policy.distance, {"metres": metres})


def _interest(volunteer: VolunteerSide, shift: ShiftSide, policy: Policy) -> Term:
    is_known = bool(volunteer.themes) and shift.theme_id is not None
    likes = is_known and shift.theme_id in volunteer.themes
    points = policy.interest if likes else 0 if is_known else policy.interest // 2
    return Term("interest", points, policy.interest, {"likes": likes, "is_known": is_known})


def _fairness(volunteer: VolunteerSide, policy: Policy) -> Term:
    points = policy.fairness * max(0, FAIR_SHARE - volunteer.recent) // FAIR_SHARE
    return Term("fairness", points, policy.fairness, {"recent": volunteer.recent})


def _need(shift: ShiftSide, policy: Policy, now: datetime) -> Term:
    hours = max(0, (shift.starts_at - now) // timedelta(hours=1))
    calmed = min(max(hours - URGENT_HOURS, 0), CALM_HOURS - URGENT_HOURS)
    urgency = FULL - calmed * (FULL - CALM) // (CALM_HOURS - URGENT_HOURS)
    free = shift.capacity - shift.filled
    points = policy.need * free * urgency // (shift.capacity * FULL)
    return Term("need", points, policy.need, {"free": free, "capacity": shift.capacity, "hours": hours})


def _language(volunteer: VolunteerSide, shift: ShiftSide, policy: Policy) -> Term:
    asked = shift.asked_languages.bit_count()
    if not asked:
        return Term("language", policy.language, policy.language, {"asked": 0, "have": 0})
    have = (shift.asked_languages & volunteer.languages).bit_count()
    return Term("language", policy.language * have // asked, policy.language, {"asked": asked, "have": have})
