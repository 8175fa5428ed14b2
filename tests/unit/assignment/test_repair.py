"""The repair: the best plan there is where everything hangs together, a plan that could be carried out in any case."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.assignment import repair as repairing
from matching.assignment.candidates import candidates
from matching.assignment.flow import graph_of, solve
from matching.assignment.objective import AssignmentPolicy, Edges, Work, clash, worth
from matching.assignment.repair import clashing, incomplete_crews, repair, without_trouble
from matching.assignment.snapshot import MINUTE, Bools, Snapshot
from tests.best_plan import worth_of_plan
from tests.country import Size, lay
from tests.depth import deep

POLICY = AssignmentPolicy()


def flow_of(snapshot: Snapshot, policy: AssignmentPolicy = POLICY) -> tuple[Edges, Bools, int]:
    edges = candidates(snapshot, policy)
    return edges, *solve(graph_of(snapshot, policy, edges))


@given(seed=st.integers(0, 10**6), volunteers=st.integers(2, 25), shifts=st.integers(1, 9))
@settings(max_examples=deep(sample=40, full=400))
def test_the_whole_of_a_small_town_is_decided_as_well_as_it_can_be(seed: int, volunteers: int, shifts: int) -> None:
    snapshot = lay(Size(volunteers=volunteers, shifts=shifts, crowded=True), seed=seed)
    edges, flow, bound = flow_of(snapshot)
    assert len(edges) <= repairing.WHOLE

    plan = repair(snapshot, POLICY, edges, flow)

    best = worth_of_plan(snapshot, POLICY, edges) if len(edges) else 0
    assert worth(snapshot, POLICY, edges, plan.chosen) == best <= bound


@pytest.mark.parametrize("seed", deep(sample=[1, 2], full=list(range(20))))
def test_a_larger_town_is_repaired_near_its_bound(seed: int) -> None:
    snapshot = lay(Size(volunteers=2_000, shifts=100, crowded=True), seed=seed)
    edges, flow, bound = flow_of(snapshot)
    assert len(edges) > repairing.WHOLE
    start = worth(snapshot, POLICY, edges, without_trouble(snapshot, POLICY, edges, flow))

    plan = repair(snapshot, POLICY, edges, flow)

    value = worth(snapshot, POLICY, edges, plan.chosen)
    assert plan.touched > 0
    assert start < value <= bound
    assert value > 0.95 * bound
    assert not len(clashing(snapshot, POLICY, edges, np.flatnonzero(plan.chosen))[0])
    assert not incomplete_crews(snapshot, POLICY, edges, plan.chosen).any()


def test_without_time_the_plan_without_trouble_stands() -> None:
    snapshot = lay(Size(volunteers=400, shifts=30, crowded=True), seed=2)
    hurried = replace(POLICY, effort=1e-9)
    edges, flow, _ = flow_of(snapshot, hurried)

    plan = repair(snapshot, hurried, edges, flow)

    assert plan.touched > 0
    start = without_trouble(snapshot, hurried, edges, flow)
    assert worth(snapshot, hurried, edges, plan.chosen) >= worth(snapshot, hurried, edges, start)
    assert not incomplete_crews(snapshot, hurried, edges, plan.chosen).any()


def test_crews_need_not_be_whole_where_that_was_decided() -> None:
    snapshot = lay(Size(volunteers=300, shifts=60, crowded=True, places_each=2.0), seed=3)
    loose = replace(POLICY, whole_crews=False)
    edges, flow, bound = flow_of(snapshot, loose)

    plan = repair(snapshot, loose, edges, flow)

    people = np.bincount(edges.shift[plan.chosen], minlength=len(snapshot.shifts))
    assert ((people > 0) & (people < snapshot.crew_left)).any()
    assert worth(snapshot, loose, edges, plan.chosen) <= bound


@pytest.mark.parametrize(
    ("minutes_between", "metres", "has_place", "clashes"),
    [
        (0, 0, True, False),
        (-1, 0, True, True),
        (0, 1, True, True),
        (1, 250, True, False),
        (1, 251, True, True),
        (40, 10_000, True, False),
        (39, 10_000, True, True),
        (0, 10_000, False, False),
        (-1, 10_000, False, True),
    ],
)
def test_one_shift_after_another_leaves_time_to_cycle(
    *, minutes_between: int, metres: int, has_place: bool, clashes: bool
) -> None:
    first = work(begin=0, end=60, east=0, has_place=True)
    then = work(begin=60 + minutes_between, end=120, east=metres, has_place=has_place)

    assert clash(first, then, POLICY).item() == clash(then, first, POLICY).item() == clashes


def work(*, begin: int, end: int, east: int, has_place: bool) -> Work:
    return Work(
        starts=np.array([begin * MINUTE]),
        ends=np.array([end * MINUTE]),
        has_place=np.array([has_place]),
        east=np.array([east]),
        north=np.array([0]),
    )
