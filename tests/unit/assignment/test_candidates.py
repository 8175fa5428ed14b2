"""Candidates: exactly the pairs that score.py allows, with exactly its terms; and the best of both sides are kept."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.assignment.candidates import candidates
from matching.assignment.objective import AssignmentPolicy, Edges
from matching.assignment.snapshot import Snapshot, moment_at, moment_number
from matching.placements.score import CREDIT, Policy, failures, score
from tests.country import NOW, Size, lay
from tests.depth import deep
from tests.sides import parents_of, shift_side, volunteer_side

EVERYTHING = AssignmentPolicy(per_volunteer=10_000, metres_per_minute=0)
# Weights under which other numbers round than under our own.
ODD = Policy(skills=251, distance=333, interest=77, fairness=139, need=101, language=99, decay_metres=3_137)

Pair = tuple[int, int]


def found_in(edges: Edges) -> dict[Pair, tuple[int, ...]]:
    pairs = zip(edges.volunteer.tolist(), edges.shift.tolist(), strict=True)
    return dict(zip(pairs, map(tuple, edges.terms.T.tolist()), strict=True))


def by_the_rules(snapshot: Snapshot, weights: Policy, volunteers: list[int]) -> dict[Pair, tuple[int, ...]]:
    now, parents = moment_at(snapshot.now), parents_of(snapshot)
    people = {one: volunteer_side(snapshot, one) for one in volunteers}
    tasks = [
        (shift_side(snapshot, two, with_invited=True), shift_side(snapshot, two)) for two in range(len(snapshot.shifts))
    ]
    return {
        (one, two): tuple(term.points for term in score(side, task, parents=parents, policy=weights, now=now).terms)
        for one, side in people.items()
        for two, (asked, task) in enumerate(tasks)
        if not failures(side, asked, parents=parents, now=now)
    }


@pytest.mark.parametrize("weights", [Policy(), ODD], ids=["ours", "odd"])
@pytest.mark.parametrize("crowded", [True, False])
@pytest.mark.parametrize("borders", [True, False])
@pytest.mark.parametrize("seed", deep(sample=[1], full=list(range(25))))
def test_they_are_the_pairs_without_failures_term_by_term(
    *, weights: Policy, crowded: bool, borders: bool, seed: int
) -> None:
    snapshot = lay(Size(volunteers=90, shifts=40, crowded=crowded, borders=borders), seed=seed)
    policy = AssignmentPolicy(score=weights, per_volunteer=10_000, metres_per_minute=0)

    found = found_in(candidates(snapshot, policy))

    assert len(found) > 20
    assert found == by_the_rules(snapshot, weights, list(range(90)))


def test_who_lives_in_another_block_is_found_all_the_same() -> None:
    snapshot = lay(Size(volunteers=3_000, shifts=60), seed=4)
    sampled = list(range(0, 3_000, 100))

    found = found_in(candidates(snapshot, EVERYTHING))

    assert {pair: terms for pair, terms in found.items() if pair[0] in sampled} == by_the_rules(
        snapshot, Policy(), sampled
    )


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 12))
def test_the_best_of_each_volunteer_and_of_each_shift_are_kept(seed: int, per_volunteer: int, per_shift: int) -> None:
    snapshot = lay(Size(volunteers=60, shifts=15, crowded=True, places_each=0.3), seed=seed)
    every = candidates(snapshot, EVERYTHING)
    policy = AssignmentPolicy(per_volunteer=per_volunteer, per_shift=per_shift, metres_per_minute=0)
    keeps = np.maximum(per_shift, 2 * snapshot.places_left)

    kept = set(found_in(candidates(snapshot, policy)))

    expected: set[Pair] = set()
    rows = sorted(zip((-every.score).tolist(), every.volunteer.tolist(), every.shift.tolist(), strict=True))
    begins = snapshot.shifts.starts
    for volunteer in range(60):
        own = sorted((least, begins[two], two) for least, one, two in rows if one == volunteer)
        expected |= {(volunteer, two) for _, _, two in own[:per_volunteer]}
    for shift in range(15):
        expected |= {(one, two) for _, one, two in [row for row in rows if row[2] == shift][: keeps[shift]]}
    assert kept == expected


def test_they_are_sorted_by_volunteer_and_by_when_the_shift_starts() -> None:
    snapshot = lay(Size(volunteers=1_500, shifts=80), seed=2)

    edges = candidates(snapshot, AssignmentPolicy())

    order = np.lexsort((edges.shift, snapshot.shifts.starts[edges.shift], edges.volunteer))
    assert (order == np.arange(len(edges))).all()


def test_the_terms_sum_to_the_score() -> None:
    edges = candidates(lay(Size(volunteers=1_000, shifts=100), seed=3), AssignmentPolicy())

    assert (edges.terms.sum(axis=0) == edges.score).all()
    assert edges.score.min() >= 0
    assert edges.score.max() <= 1000


def test_no_half_credit_passes_a_whole_one() -> None:
    assert max(CREDIT.values()) // 2 < min(CREDIT.values()) <= max(CREDIT.values()) < 128


def test_nobody_and_nothing_give_no_candidates() -> None:
    for size in (Size(volunteers=0, shifts=3), Size(volunteers=3, shifts=0)):
        assert len(candidates(lay(size, seed=1), AssignmentPolicy())) == 0


def test_travelling_to_what_was_accepted_takes_time() -> None:
    snapshot = lay(Size(volunteers=400, shifts=60, crowded=True), seed=6)
    allowed = set(found_in(candidates(snapshot, EVERYTHING)))

    by_bicycle = set(found_in(candidates(snapshot, AssignmentPolicy(per_volunteer=10_000))))

    assert by_bicycle < allowed
    assert {one for one, _ in allowed - by_bicycle} <= {*snapshot.busy.volunteer, *snapshot.invited.volunteer}


def test_a_moment_keeps_its_microseconds() -> None:
    moment = NOW + timedelta(microseconds=1)

    assert moment_at(moment_number(moment)) == moment
