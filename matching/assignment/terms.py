"""The six terms of `score.score`, for a block of volunteers at once: the same whole divisions, looked up. Pure.

Three terms are about a volunteer and a role, so all shifts of a role share them; one is the volunteer's, one the
shift's, and one the distance's. So a pair's score is four numbers looked up, and its terms are only asked when kept.
"""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matching.assignment.objective import AssignmentPolicy, Shorts, urgency
from matching.assignment.snapshot import NOBODY, Bools, Ints, Snapshot
from matching.placements.score import CREDIT, FAIR_SHARE, FULL, Policy
from matching.vocabulary.rules import LANGUAGE_BITS

Bytes: TypeAlias = NDArray[np.uint8]

# A credit is at most 100 hundredths, so the highest bit of a byte can say that it meets a requirement.
MEETS: Final = 128
_CREDIT: Final = MEETS - 1
# Where two libraries' exponentials may round to different points.
_BESIDE_A_HALF: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tables:
    """What is the same for every block. Points by shift, by metre, by volunteer and by [asked, sum].

    `credits` is [level, skill had] -> what every skill is then worth; the last column is no skill at all.
    """

    need: Shorts
    distance: Shorts
    anywhere: int
    fairness: Shorts
    skills: Shorts
    language: Shorts
    role_skills: Ints
    role_required: Bools
    role_asked: Ints
    credits: Bytes


@dataclass(frozen=True, slots=True, eq=False)
class RoleTerms:
    """Points by [role of the block, row] for skills, interest and language; `role` is each column's role there."""

    skills: Shorts
    interest: Shorts
    language: Shorts
    role: Ints


def tables(snapshot: Snapshot, policy: AssignmentPolicy) -> Tables:
    """Return the tables for this snapshot."""
    shifts, roles, weights = snapshot.shifts, snapshot.roles, policy.score
    asked = roles.skills.lengths
    most = int(asked.max(initial=0))
    role_skills = np.full((len(roles), most), len(snapshot.parents))
    role_required = np.zeros((len(roles), most), dtype=np.bool_)
    of, item = roles.skills.unrolled(np.arange(len(roles)))
    place = item - roles.skills.starts[of]
    role_skills[of, place] = roles.skills.items
    role_required[of, place] = roles.required
    need = weights.need * (shifts.capacity - shifts.filled) * urgency(snapshot)
    fairness = weights.fairness * np.maximum(0, FAIR_SHARE - snapshot.volunteers.recent) // FAIR_SHARE
    return Tables(
        need=(need // (np.maximum(shifts.capacity, 1) * FULL)).astype(np.int16),
        distance=_distance(weights, int(snapshot.volunteers.reach.max(initial=0))),
        anywhere=weights.distance,
        fairness=fairness.astype(np.int16),
        # Nothing special is asked: everybody fits, but nobody's talent is put to use.
        skills=_shares(weights.skills, none_asked=weights.skills // 2, whole=100, most=most),
        language=_shares(weights.language, none_asked=weights.language, whole=1, most=LANGUAGE_BITS),
        role_skills=role_skills,
        role_required=role_required,
        role_asked=asked,
        credits=_credits(snapshot.parents),
    )


def _distance(weights: Policy, metres_most: int) -> Shorts:
    """Return the points at every whole metre: the very number that score.py rounds to."""
    exact = weights.distance * np.exp(-np.arange(metres_most + 1) / weights.decay_metres)
    points: Shorts = np.rint(exact).astype(np.int16)
    for metres in np.flatnonzero(np.abs(exact - np.floor(exact) - 0.5) < _BESIDE_A_HALF).tolist():
        points[metres] = round(weights.distance * math.exp(-metres / weights.decay_metres))
    return points


def _shares(weight: int, *, none_asked: int, whole: int, most: int) -> Shorts:
    """Return [asked, sum] -> points, where a sum of `asked` times the whole is everything."""
    table = np.full((most + 1, whole * most + 1), none_asked)
    for asked in range(1, most + 1):
        table[asked] = np.minimum(weight * np.arange(whole * most + 1) // (whole * asked), weight)
    return table.astype(np.int16)


def _credits(parents: Ints) -> Bytes:
    """See score.credits_of: a skill counts for itself and its wider concept, which counts half for each narrower."""
    skills = len(parents)
    table = np.zeros((max(CREDIT) + 1, skills, skills + 1), dtype=np.uint8)
    own = np.arange(skills)
    narrower = np.flatnonzero(parents != NOBODY)
    for level, credit in CREDIT.items():
        table[level, parents[narrower], narrower] = credit // 2
        table[level, narrower, parents[narrower]] = credit | MEETS
        table[level, own, own] = credit | MEETS
    return table


def credits_of(snapshot: Snapshot, looked_up: Tables, rows: Ints) -> Bytes:
    """Return [skill, row] -> the best credit that anything of theirs gives, and the bit MEETS."""
    people = snapshot.volunteers
    have = np.zeros((len(rows), looked_up.credits.shape[2]), dtype=np.uint8)
    first = people.skills.starts[rows]
    lengths = people.skills.starts[rows + 1] - first
    for place in range(int(lengths.max(initial=0))):
        row = np.flatnonzero(lengths > place)
        item = first[row] + place
        more = looked_up.credits[people.levels[item], people.skills.items[item]]
        have[row] = np.maximum(have[row], more)
    return np.ascontiguousarray(have.T)


def role_terms(
    snapshot: Snapshot, policy: AssignmentPolicy, looked_up: Tables, *, rows: Ints, cols: Ints, have: Bytes
) -> RoleTerms:
    """Return the terms that shifts of one role share. `have` is what `credits_of` says of these rows."""
    roles, role = np.unique(snapshot.shifts.role[cols], return_inverse=True)
    asked = looked_up.role_asked[roles]
    worth = np.zeros((len(roles), len(rows)), dtype=np.int16)
    for place in range(int(asked.max(initial=0))):
        asking = np.flatnonzero(asked > place)
        worth[asking] += have[looked_up.role_skills[roles[asking], place]] & _CREDIT
    languages = snapshot.roles.asked_languages[roles]
    # A handful of different wishes, however many roles.
    wishes, wish = np.unique(languages, return_inverse=True)
    spoken = np.bitwise_count(snapshot.volunteers.languages[rows] & wishes[:, None])
    language = looked_up.language[np.bitwise_count(wishes)[:, None], spoken]
    skills = looked_up.skills.reshape(-1).take(worth + (asked * looked_up.skills.shape[1])[:, None])
    return RoleTerms(
        skills=skills,
        interest=_interest(snapshot, policy.score, rows, snapshot.roles.theme[roles]),
        language=language[wish],
        role=role,
    )


def _interest(snapshot: Snapshot, weights: Policy, rows: Ints, theme: Ints) -> Shorts:
    """Return what each has for interest in each theme: half when either side does not say."""
    people = snapshot.volunteers
    named, at = np.unique(theme, return_inverse=True)
    table = np.zeros((len(named), len(rows)), dtype=np.int16)
    row, item = people.themes.unrolled(rows)
    liked = people.themes.items[item]
    place = np.minimum(np.searchsorted(named, liked), len(named) - 1)
    likes = named[place] == liked
    table[place[likes], row[likes]] = weights.interest
    table[:, people.themes.starts[rows + 1] == people.themes.starts[rows]] = weights.interest // 2
    table[named == NOBODY] = weights.interest // 2
    return table[at]
