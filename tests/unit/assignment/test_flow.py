"""The flow: worth exactly what HiGHS finds on the same graph, and never less than any plan."""

import numpy as np
import pytest

from matching.assignment.candidates import candidates
from matching.assignment.flow import cliques, graph_of, solve
from matching.assignment.objective import AssignmentPolicy, worth
from matching.assignment.repair import clashing
from tests.best_plan import worth_of_flow
from tests.country import Size, lay
from tests.depth import deep

POLICY = AssignmentPolicy()


SMALL = [Size(volunteers=1_000, shifts=100, crowded=crowded) for crowded in (True, False)]
LARGE = Size(volunteers=10_000, shifts=1_000)


@pytest.mark.parametrize("size", deep(sample=SMALL, full=[*SMALL, LARGE]), ids=str)
@pytest.mark.parametrize("seed", deep(sample=[1, 2], full=list(range(5))))
def test_it_is_worth_what_highs_finds_on_the_same_graph(size: Size, seed: int) -> None:
    snapshot = lay(size, seed=seed)
    edges = candidates(snapshot, POLICY)
    graph = graph_of(snapshot, POLICY, edges)

    chosen, value = solve(graph)

    assert value == worth_of_flow(graph)
    assert value == worth(snapshot, POLICY, edges, chosen)


def test_of_shifts_that_share_a_moment_one_is_taken() -> None:
    snapshot = lay(Size(volunteers=200, shifts=30, crowded=True), seed=5)
    edges = candidates(snapshot, POLICY)
    clique, is_shared = cliques(snapshot, edges)

    chosen, _ = solve(graph_of(snapshot, POLICY, edges))

    assert is_shared.any()
    assert np.bincount(clique[chosen]).max() == 1
    for one in np.flatnonzero(is_shared):
        members = np.flatnonzero(clique == one)
        assert len(set(edges.volunteer[members])) == 1
        shifts = edges.shift[members]
        assert snapshot.shifts.starts[shifts].max() < snapshot.shifts.ends[shifts].min()


def test_only_who_takes_more_than_one_shift_gets_cliques() -> None:
    snapshot = lay(Size(volunteers=200, shifts=30, crowded=True), seed=5)
    edges = candidates(snapshot, POLICY)
    clique, is_shared = cliques(snapshot, edges)

    assert (snapshot.wants_left[edges.volunteer[is_shared[clique]]] > 1).all()


def test_nobody_is_sent_where_it_is_not_worth_it() -> None:
    snapshot = lay(Size(volunteers=100, shifts=20, crowded=True), seed=1)
    dear = AssignmentPolicy(further=100_000)
    edges = candidates(snapshot, dear)

    chosen, value = solve(graph_of(snapshot, dear, edges))

    assert value > 0
    assert np.bincount(edges.volunteer[chosen]).max() == 1
    assert not snapshot.is_placed[edges.volunteer[chosen]].any()


def test_a_second_shift_costs_and_so_more_people_have_one() -> None:
    snapshot = lay(Size(volunteers=1_000, shifts=100, places_each=0.6), seed=1)

    def people(policy: AssignmentPolicy) -> int:
        edges = candidates(snapshot, policy)
        return len(set(edges.volunteer[solve(graph_of(snapshot, policy, edges))[0]]))

    assert people(AssignmentPolicy(further=50)) > people(AssignmentPolicy(further=0))


def test_a_flow_that_breaks_no_rule_is_left_as_it_is() -> None:
    snapshot = lay(Size(volunteers=300, shifts=30), seed=1)
    edges = candidates(snapshot, POLICY)
    chosen, _ = solve(graph_of(snapshot, POLICY, edges))

    one, _ = clashing(snapshot, POLICY, edges, np.flatnonzero(chosen))

    assert len(one) == 0


def test_nothing_to_decide_is_worth_nothing() -> None:
    snapshot = lay(Size(volunteers=5, shifts=0), seed=1)

    chosen, value = solve(graph_of(snapshot, POLICY, candidates(snapshot, POLICY)))

    assert (len(chosen), value) == (0, 0)
