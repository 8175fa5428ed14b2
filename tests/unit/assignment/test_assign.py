"""The assignment as a whole: whatever the town, no rule is broken, and the same moment gives the same plan."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.assignment.assign import Assignment, assign
from matching.assignment.objective import AssignmentPolicy, Work, clash
from matching.assignment.snapshot import Pairs, Snapshot, moment_at
from matching.placements.score import Policy, failures, score
from tests.country import Size, churned, lay
from tests.depth import deep
from tests.sides import parents_of, shift_side, volunteer_side

POLICY = AssignmentPolicy()

towns = st.builds(
    lay,
    st.builds(
        Size,
        volunteers=st.integers(0, 40),
        shifts=st.integers(0, 12),
        crowded=st.booleans(),
        borders=st.booleans(),
        places_each=st.sampled_from([0.1, 0.5, 2.0]),
    ),
    seed=st.integers(0, 10**6),
)


def pairs_of(plan: Assignment) -> set[tuple[int, int]]:
    return set(zip(plan.volunteer.tolist(), plan.shift.tolist(), strict=True))


@given(towns)
def test_no_hard_constraint_is_broken_and_the_terms_are_those_of_the_score(snapshot: Snapshot) -> None:
    plan = assign(snapshot, POLICY)

    now, parents = moment_at(snapshot.now), parents_of(snapshot)
    for pair, (one, two) in enumerate(zip(plan.volunteer.tolist(), plan.shift.tolist(), strict=True)):
        side = volunteer_side(snapshot, one)
        fit = score(side, shift_side(snapshot, two), parents=parents, policy=Policy(), now=now)
        assert failures(side, shift_side(snapshot, two, with_invited=True), parents=parents, now=now) == ()
        assert [term.points for term in fit.terms] == plan.terms[:, pair].tolist()
        assert plan.terms[:, pair].sum() == fit.total


@given(towns)
def test_nobody_gets_more_than_they_want_and_no_shift_more_than_its_places(snapshot: Snapshot) -> None:
    plan = assign(snapshot, POLICY)

    mine = np.bincount(plan.volunteer, minlength=len(snapshot.volunteers))
    theirs = np.bincount(plan.shift, minlength=len(snapshot.shifts))
    assert len(pairs_of(plan)) == len(plan)
    assert (mine <= snapshot.wants_left).all()
    assert (theirs <= snapshot.places_left).all()
    assert ((theirs == 0) | (theirs >= snapshot.crew_left)).all()


@given(towns)
def test_nobody_is_in_two_places_at_once_nor_still_on_the_way(snapshot: Snapshot) -> None:
    plan = assign(snapshot, POLICY)

    for one in range(len(plan)):
        later = np.flatnonzero(plan.volunteer[one + 1 :] == plan.volunteer[one]) + one + 1
        here, there = (Work.at_shifts(snapshot, which) for which in (plan.shift[[one]], plan.shift[later]))
        assert not clash(here, there, POLICY).any()
        busy = snapshot.busy
        mine = busy.volunteer == plan.volunteer[one]
        accepted = Work(**{part.name: getattr(busy, part.name)[mine] for part in fields(Work)})
        assert not clash(here, accepted, POLICY).any()


@given(towns)
def test_what_was_accepted_or_asked_stays_and_what_is_barred_stays_away(snapshot: Snapshot) -> None:
    plan = assign(snapshot, POLICY)

    for fixed in (snapshot.invited, snapshot.barred):
        assert not pairs_of(plan) & set(zip(fixed.volunteer.tolist(), fixed.shift.tolist(), strict=True))


@given(towns)
def test_the_same_snapshot_gives_the_same_plan(snapshot: Snapshot) -> None:
    first, second = assign(snapshot, POLICY), assign(snapshot, POLICY)

    for part in ("volunteer", "shift", "terms", "was_proposed"):
        assert (getattr(first, part) == getattr(second, part)).all()
    assert (first.objective, first.bound) == (second.objective, second.bound)


@given(towns)
def test_the_gap_says_how_far_below_the_bound_it_is(snapshot: Snapshot) -> None:
    plan = assign(snapshot, POLICY)

    assert 0 <= plan.objective <= plan.bound
    assert plan.gap == pytest.approx(1 - plan.objective / plan.bound if plan.bound else 0)
    if not plan.repaired:
        assert plan.gap == 0


@given(towns)
def test_every_place_left_has_a_reason(snapshot: Snapshot) -> None:
    plan = assign(snapshot, POLICY)

    theirs = np.bincount(plan.shift, minlength=len(snapshot.shifts))
    ahead = snapshot.shifts.is_open & (snapshot.shifts.starts > snapshot.now)
    assert plan.empty.places.sum() == (snapshot.places_left - theirs)[ahead].sum()
    for index in range(len(plan.empty.shift)):
        fit, missing = plan.empty.fit[index], plan.empty.crew_missing[index]
        assert {
            "nobody_fits": fit == 0,
            "too_few_fit": 0 < fit < missing,
            "needed_elsewhere": fit > 0,
        }[plan.empty.why(index)]


@pytest.mark.parametrize("seed", deep(sample=[1], full=list(range(10))))
def test_a_new_plan_after_some_change_moves_little_and_nothing_accepted(seed: int) -> None:
    tonight = lay(Size(volunteers=1_000, shifts=100), seed=seed)
    first = assign(tonight, POLICY)
    tomorrow = churned(tonight, Pairs(first.volunteer, first.shift), seed=seed)

    again = assign(tomorrow, POLICY)
    anew = assign(replace(tomorrow, proposed=tonight.proposed), POLICY)

    kept, without = (len(pairs_of(first) & pairs_of(plan)) for plan in (again, anew))
    assert kept > without
    assert again.was_proposed.sum() == kept
    assert again.terms.sum() > 0.99 * anew.terms.sum()
    # What was accepted is no part of a plan, and its time and place are taken in both.
    assert (tomorrow.busy.volunteer == tonight.busy.volunteer).all()
    assert not pairs_of(again) & set(zip(tonight.barred.volunteer.tolist(), tonight.barred.shift.tolist(), strict=True))


def test_an_accepted_placement_lasts_through_every_plan() -> None:
    tonight = lay(Size(volunteers=300, shifts=30, crowded=True), seed=4)
    plan = assign(tonight, POLICY)

    theirs = np.bincount(plan.shift, minlength=len(tonight.shifts))

    asked = np.bincount(tonight.invited.shift, minlength=len(tonight.shifts))
    assert (theirs + asked + tonight.shifts.filled <= tonight.shifts.capacity).all()
    assert tonight.shifts.filled.sum() == len(tonight.busy.volunteer) > 0
