"""Who could go where: the pairs worth deciding on, out of all that could be. Pure.

Volunteers are taken in blocks that live near one another and travel equally far; a tree finds the shifts within
reach of a block, one comparison of masks per pair throws out most, and only what is left is measured and scored. So
memory stays that of one block. Kept are each volunteer's best and each shift's best: with the first alone, shifts
that nobody likes best would find nobody. What was proposed before is always kept while it is possible.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from matching.assignment import constraints
from matching.assignment.objective import AssignmentPolicy, Edges, Shorts
from matching.assignment.snapshot import Bools, Ints, Snapshot
from matching.assignment.terms import RoleTerms, Tables, credits_of, role_terms, tables

Halves: TypeAlias = NDArray[np.int32]

_BLOCK: Final = 1024
_LONGEST: Final = 96
# A key for sorting: the group above, the score upside down, and where the pair stands.
_SCORE_AT: Final = 28
_GROUP_AT: Final = 39
_MOST: Final = (1 << (_GROUP_AT - _SCORE_AT)) - 1
_PAIR: Final = (1 << _SCORE_AT) - 1
_COLS_MAX: Final = 1 << 14
# Below every score there is.
_NONE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What is kept of one block."""

    volunteer: Halves
    shift: Halves
    terms: Shorts
    is_proposed: Bools
    is_top: Bools


@dataclass(slots=True, eq=False)
class _Best:
    """The best scores that each shift has been offered so far, the least of them first; how many each keeps.

    Below the least of what it keeps, nothing new is worth keeping. A list is of limited length, so of very large
    shifts that is never known.
    """

    scores: Shorts
    keeps: Ints

    def floor(self, shifts: Ints) -> Shorts:
        """Return the score below which nothing of a shift is kept any more."""
        width = self.scores.shape[1]
        keeps = self.keeps[shifts]
        return np.where(keeps > width, np.int16(_NONE), self.scores[shifts, width - np.minimum(keeps, width)])

    def offer(self, cols: Ints, col: Ints, rank: Ints, score: Shorts) -> None:
        """Take in what a block found: `rank` counts from the best of each column on."""
        offered = np.full((len(cols), self.scores.shape[1]), _NONE, dtype=np.int16)
        few = rank < offered.shape[1]
        offered[col[few], rank[few]] = score[few]
        both = np.concatenate((self.scores[cols], offered), axis=1)
        both.sort(axis=1)
        self.scores[cols] = both[:, offered.shape[1] :]


def candidates(snapshot: Snapshot, policy: AssignmentPolicy) -> Edges:
    """Return the pairs worth deciding on."""
    shifts = snapshot.shifts
    (open_,) = np.nonzero(shifts.is_open & (shifts.starts > snapshot.now) & (snapshot.places_left > 0))
    # By when they start, so that every list of pairs comes out in that order.
    cols = open_[np.argsort(shifts.starts[open_], kind="stable")]
    best = _Best(
        np.full((len(shifts), max(_LONGEST, policy.per_shift)), _NONE, dtype=np.int16),
        np.maximum(policy.per_shift, 2 * snapshot.places_left),
    )
    looked_up, stands = tables(snapshot, policy), constraints.standing(snapshot)
    nothing = np.zeros(0, dtype=np.int32)
    parts = [_Part(nothing, nothing, np.zeros((6, 0), dtype=np.int16), nothing > 0, nothing > 0)]
    parts += [_block(snapshot, policy, looked_up, stands, best, *block) for block in _blocks(snapshot, cols)]
    volunteer = np.concatenate([part.volunteer for part in parts])
    # Stable, so that within one volunteer the order of the block remains: by when the shift starts.
    order = np.argsort(volunteer, kind="stable")
    volunteer = volunteer.take(order)
    shift = np.concatenate([part.shift for part in parts]).take(order)
    terms = np.concatenate([part.terms for part in parts], axis=1)
    score = terms.sum(axis=0, dtype=np.int16).take(order)
    is_proposed = np.concatenate([part.is_proposed for part in parts]).take(order)
    keep = np.concatenate([part.is_top for part in parts]).take(order) | is_proposed
    keep[_best_of_shifts(shift, score, best)] = True
    kept = np.flatnonzero(keep)
    return Edges(
        volunteer=volunteer.take(kept).astype(np.int64),
        shift=shift.take(kept).astype(np.int64),
        terms=terms.take(order.take(kept), axis=1),
        is_proposed=is_proposed.take(kept),
        score=score.take(kept).astype(np.int64),
    )


def _best_of_shifts(shift: Halves, score: Shorts, best: _Best) -> Ints:
    """Return which of these pairs are among the best of their shift; ties go to the first volunteer."""
    shifts = len(best.keeps)
    worthy = np.flatnonzero(score >= best.floor(np.arange(shifts)).take(shift))
    pair, of, rank = _ranked(shift.take(worthy).astype(np.int64), score.take(worthy), shifts)
    return worthy.take(pair[rank < best.keeps.take(of)])


def _blocks(snapshot: Snapshot, cols: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield volunteers who live near one another with the shifts that could be in reach, in their standing order."""
    people, shifts = snapshot.volunteers, snapshot.shifts
    (wanting,) = np.nonzero(snapshot.wants_left > 0)
    for municipality in np.unique(shifts.municipality[cols]):
        here = cols[shifts.municipality[cols] == municipality]
        (placed,), (anywhere,) = np.nonzero(shifts.has_place[here]), np.nonzero(~shifts.has_place[here])
        at = here[placed]
        tree = cKDTree(np.column_stack((shifts.east[at], shifts.north[at])))
        rows = wanting[people.municipality[wanting] == municipality]
        for block in _split(np.column_stack((people.east, people.north, people.reach)), rows):
            near = placed[_in_reach(tree, people.east[block], people.north[block], people.reach[block])]
            found = here[np.sort(np.concatenate((anywhere, near)))]
            for start in range(0, len(found), _COLS_MAX):
                yield block, found[start : start + _COLS_MAX]


def _in_reach(tree: "cKDTree[None]", east: Ints, north: Ints, reach: Ints) -> Ints:
    """Return the points of the tree within reach of a circle around all of these."""
    middle = (east.min() + east.max()) / 2, (north.min() + north.max()) / 2
    around = np.hypot(east - middle[0], north - middle[1]).max() + reach.max() + 1
    return np.array(tree.query_ball_point(middle, around), dtype=np.int64)


def _split(where: Ints, rows: Ints) -> Iterator[Ints]:
    """Halve these rows along their widest side until blocks are left; each block sorted."""
    waiting = [rows] if len(rows) else []
    while waiting:
        rows = waiting.pop()
        if len(rows) <= _BLOCK:
            yield np.sort(rows)
            continue
        points = where[rows]
        side = int(np.argmax(points.max(axis=0) - points.min(axis=0)))
        order = np.argsort(points[:, side], kind="stable")
        half = len(rows) // 2
        waiting += [rows[order[half:]], rows[order[:half]]]


def _block(
    snapshot: Snapshot,
    policy: AssignmentPolicy,
    looked_up: Tables,
    stands: constraints.Standing,
    best: _Best,
    rows: Ints,
    cols: Ints,
) -> _Part:
    have = credits_of(snapshot, looked_up, rows)
    agree = constraints.possible(snapshot, policy, stands, looked_up, rows=rows, cols=cols, have=have)
    found = constraints.within_reach(snapshot, rows, cols, agree)
    shared = role_terms(snapshot, policy, looked_up, rows=rows, cols=cols, have=have)
    score = _scores(looked_up, shared, rows, cols, found, snapshot.shifts.has_place[cols])
    is_top = np.zeros(len(score), dtype=np.bool_)
    pair, _, rank = _ranked(found.row, score, len(rows))
    is_top[pair[rank < policy.per_volunteer]] = True
    worthy = np.flatnonzero(score >= best.floor(cols).take(found.col))
    pair, col, rank = _ranked(found.col.take(worthy), score.take(worthy), len(cols))
    pair = worthy.take(pair)
    best.offer(cols, col, rank, score.take(pair))
    kept = is_top.copy()
    kept[pair[rank < best.keeps[cols].take(col)]] = True
    was_proposed = constraints.proposed(snapshot, stands, rows, cols, found)
    at = np.flatnonzero(kept | was_proposed)
    # By volunteer, then as the columns stand; numbers this small are sorted at once.
    at = at.take(np.argsort(found.row.take(at).astype(np.int16), kind="stable"))
    row, col = found.row.take(at), found.col.take(at)
    has_place = snapshot.shifts.has_place[cols].take(col)
    both = shared.role.take(col) * len(rows) + row
    terms = np.empty((6, len(at)), dtype=np.int16)
    terms[0] = shared.skills.reshape(-1).take(both)
    terms[1] = np.where(has_place, looked_up.distance.take(found.metres.take(at)), looked_up.anywhere)
    terms[2] = shared.interest.reshape(-1).take(both)
    terms[3] = looked_up.fairness[rows].take(row)
    terms[4] = looked_up.need[cols].take(col)
    terms[5] = shared.language.reshape(-1).take(both)
    return _Part(
        rows.take(row).astype(np.int32),
        cols.take(col).astype(np.int32),
        terms,
        was_proposed.take(at),
        is_top.take(at),
    )


def _scores(
    looked_up: Tables, shared: RoleTerms, rows: Ints, cols: Ints, found: constraints.Found, has_place: Bools
) -> Shorts:
    own = shared.skills + shared.interest + shared.language + looked_up.fairness[rows]
    # A role's points become a shift's by adding its need, and the way there when that is the same for all.
    fixed = looked_up.need[cols] + np.where(has_place, 0, looked_up.anywhere).astype(np.int16)
    points = looked_up.distance.take(found.metres)
    if not has_place.all():
        points[~has_place.take(found.col)] = 0
    points += own.reshape(-1).take((shared.role * len(rows)).take(found.col) + found.row)
    points += fixed.take(found.col)
    return points


def _ranked(group: Ints, score: Shorts, groups: int) -> tuple[Ints, Ints, Ints]:
    """Return pairs by group, the best of each first, then as they stand: (pair, group, place in its group)."""
    keys = (group << _GROUP_AT) | ((_MOST - score.astype(np.int64)) << _SCORE_AT) | np.arange(len(group))
    keys.sort()
    sizes = np.bincount(group, minlength=groups)
    group = keys >> _GROUP_AT
    return keys & _PAIR, group, np.arange(len(keys)) - (np.cumsum(sizes) - sizes)[group]
