"""What makes a pair impossible: the hard constraints of `score.failures`, for a block of volunteers at once. Pure.

Everything but distance is one table of truths, a line for each shift (the block's columns) with every volunteer (its
rows); only what is left is measured.
"""

from dataclasses import dataclass

import numpy as np

from matching.assignment.objective import AssignmentPolicy, Work, clash
from matching.assignment.snapshot import NOBODY, UNKNOWN_DAY, Bools, Ints, Lists, Snapshot
from matching.assignment.terms import MEETS, Bytes, Tables

# Days are yyyymmdd, so this much lies between two birthdays.
_YEAR = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pairs of one block, by place in its rows and columns, by column, then row; `metres` apart, 0 from anywhere."""

    row: Ints
    col: Ints
    metres: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What stands already, by volunteer: shifts that are barred or were proposed, and work that takes their time."""

    barred: Lists
    proposed: Lists
    busy: Lists
    work: Work


def standing(snapshot: Snapshot) -> Standing:
    """Return what stands, with a list for each volunteer."""
    people, busy, invited = len(snapshot.volunteers), snapshot.busy, snapshot.invited
    asked = Work.at_shifts(snapshot, invited.shift)
    whose = np.concatenate((busy.volunteer, invited.volunteer))
    work = Work(
        starts=np.concatenate((busy.starts, asked.starts)),
        ends=np.concatenate((busy.ends, asked.ends)),
        has_place=np.concatenate((busy.has_place, asked.has_place)),
        east=np.concatenate((busy.east, asked.east)),
        north=np.concatenate((busy.north, asked.north)),
    )
    barred = np.concatenate((snapshot.barred.volunteer, invited.volunteer))
    return Standing(
        barred=_by_volunteer(barred, np.concatenate((snapshot.barred.shift, invited.shift)), people),
        proposed=_by_volunteer(snapshot.proposed.volunteer, snapshot.proposed.shift, people),
        busy=_by_volunteer(whose, np.arange(len(whose)), people),
        work=work,
    )


def possible(
    snapshot: Snapshot,
    policy: AssignmentPolicy,
    stands: Standing,
    looked_up: Tables,
    *,
    rows: Ints,
    cols: Ints,
    have: Bytes,
) -> Bools:
    """Return [col, row] -> whether everything but distance agrees. `have` is what `credits_of` says of these rows."""
    asks = snapshot.shifts.asks[cols]
    agree: Bools = (snapshot.volunteers.offers[rows] & asks[:, None]) == asks[:, None]
    row, col = _named(stands.barred, rows, cols, len(snapshot.shifts))
    agree[col, row] = False
    _refuse_the_busy(snapshot, policy, stands, agree, rows, cols)
    _refuse_below_thresholds(snapshot, agree, rows, cols)
    role = snapshot.shifts.role[cols]
    for place in range(looked_up.role_skills.shape[1]):
        asking = np.flatnonzero(looked_up.role_required[role, place])
        if len(asking):
            agree[asking] &= have[looked_up.role_skills[role[asking], place]] >= MEETS
    return agree


def _refuse_the_busy(
    snapshot: Snapshot, policy: AssignmentPolicy, stands: Standing, agree: Bools, rows: Ints, cols: Ints
) -> None:
    row, place = stands.busy.unrolled(rows)
    if not len(row):
        return
    which = stands.busy.items[place][:, None]
    taken = Work(
        starts=stands.work.starts[which],
        ends=stands.work.ends[which],
        has_place=stands.work.has_place[which],
        east=stands.work.east[which],
        north=stands.work.north[which],
    )
    one, col = np.nonzero(clash(taken, Work.at_shifts(snapshot, cols), policy))
    agree[col, row[one]] = False


def _refuse_below_thresholds(snapshot: Snapshot, agree: Bools, rows: Ints, cols: Ints) -> None:
    """Age and credential count on the day of the shift; few roles ask either, so only their columns are looked at."""
    people, shifts, roles = snapshot.volunteers, snapshot.shifts, snapshot.roles
    role = shifts.role[cols]
    aged = np.flatnonzero(roles.minimum_age[role])
    if len(aged):
        latest = shifts.on[cols[aged]] - _YEAR * roles.minimum_age[role[aged]]
        born = people.born_on[rows]
        agree[aged] &= (born <= latest[:, None]) & (born != UNKNOWN_DAY)
    asking = np.flatnonzero(roles.credential[role] != NOBODY)
    if len(asking):
        until = people.credentials[rows].T[roles.credential[role[asking]]]
        agree[asking] &= until >= shifts.on[cols[asking], None]


def within_reach(snapshot: Snapshot, rows: Ints, cols: Ints, agree: Bools) -> Found:
    """Return the pairs that agree and are near enough, or can be done from anywhere."""
    people, shifts = snapshot.volunteers, snapshot.shifts
    pair = np.flatnonzero(agree)
    col = pair // max(len(rows), 1)
    row = pair - col * len(rows)
    # Infinitely far for who has no home; no number at all for what has no place, which no comparison calls too far.
    has_home, has_place = people.has_home[rows], shifts.has_place[cols]
    squares = _difference(np.where(has_home, people.east[rows], np.inf), row, shifts.east[cols], has_place, col)
    squares *= squares
    north = _difference(people.north[rows].astype(np.float64), row, shifts.north[cols], has_place, col)
    north *= north
    squares += north
    # A distance in whole metres is at most the reach when its square is at most that of half a metre more.
    reach = people.reach[rows]
    near = np.flatnonzero(~(squares > (reach * (reach + 1)).astype(np.float64).take(row)))
    row, col, squares = row.take(near), col.take(near), squares.take(near)
    if not has_place.all():
        squares[~has_place.take(col)] = 0.0
    return Found(row, col, np.rint(np.sqrt(squares)).astype(np.int64))


def _difference(
    home: np.ndarray[tuple[int], np.dtype[np.float64]], row: Ints, place: Ints, has_place: Bools, col: Ints
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    apart = home.take(row)
    apart -= np.where(has_place, place, np.nan).take(col)
    return apart


def proposed(snapshot: Snapshot, stands: Standing, rows: Ints, cols: Ints, found: Found) -> Bools:
    """Return which of these pairs the last run proposed."""
    row, col = _named(stands.proposed, rows, cols, len(snapshot.shifts))
    if not len(row):
        return np.zeros(len(found.row), dtype=np.bool_)
    named = np.zeros((len(cols), len(rows)), dtype=np.bool_)
    named[col, row] = True
    return named[found.col, found.row]


def _by_volunteer(volunteer: Ints, items: Ints, people: int) -> Lists:
    starts = np.concatenate(([0], np.cumsum(np.bincount(volunteer, minlength=people))))
    return Lists(starts, items[np.argsort(volunteer, kind="stable")])


def _named(lists: Lists, rows: Ints, cols: Ints, shifts: int) -> tuple[Ints, Ints]:
    """Return the places in rows and columns of the shifts that these lists name."""
    row, place = lists.unrolled(rows)
    if not len(row):
        return row, row
    at = np.full(shifts, NOBODY)
    at[cols] = np.arange(len(cols))
    col = at[lists.items[place]]
    here = col != NOBODY
    return row[here], col[here]
