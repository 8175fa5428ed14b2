"""The score: six terms that add up, and constraints that say what is missing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.municipalities.rules import Place, metres_between, place
from matching.placements import score as scoring
from matching.placements.score import Policy, ShiftSide, VolunteerSide
from matching.vocabulary.rules import ALL_CELLS, OPEN_TO_SUGGESTIONS, asks, cell, language_mask, offers

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PARENTS = {2: 1, 3: 1}
HERE = object()

levels = st.dictionaries(st.integers(1, 5), st.integers(1, 3), max_size=5)
asked = st.dictionaries(st.integers(1, 5), st.booleans(), max_size=5)
metres = st.integers(-200_000, 200_000)


def volunteer(**changes: Any) -> VolunteerSide:  # noqa: ANN401  each test names the fields it means
    values = {
        "municipality_id": HERE,
        "home": Place(0, 0),
        "reach_metres": 10_000,
        "offers": offers(cells=ALL_CELLS, languages=language_mask(["nl"]), is_open=True),
        "languages": language_mask(["nl"]),
        "wants_at_most": 2,
        "upcoming": 0,
        "recent": 0,
    }
    return VolunteerSide(**{**values, **changes})


def shift(**changes: Any) -> ShiftSide:  # noqa: ANN401  each test names the fields it means
    values = {
        "id": 1,
        "municipality_id": HERE,
        "initiative_state": "live",
        "is_cancelled": False,
        "place": Place(3_000, 4_000),
        "starts_at": NOW + timedelta(days=5),
        "ends_at": NOW + timedelta(days=5, hours=3),
        "capacity": 4,
        "filled": 0,
        "asks": asks(cells=cell(5, 0), languages=0),
        "asked_languages": 0,
    }
    return ShiftSide(**{**values, **changes})


def points(one: VolunteerSide, other: ShiftSide) -> dict[str, int]:
    found = scoring.score(one, other, parents=PARENTS, policy=Policy(), now=NOW)
    return {term.kind: term.points for term in found.terms}


def failing(one: VolunteerSide, other: ShiftSide) -> list[str]:
    return [failure.kind for failure in scoring.failures(one, other, parents=PARENTS, now=NOW)]


@given(levels, asked, metres, metres, st.integers(0, 9), st.integers(1, 500), st.integers(0, 100 * 24), st.data())
def test_the_terms_add_up_to_a_score_between_0_and_1000(
    skills: dict[int, int],
    wanted: dict[int, bool],
    east: int,
    north: int,
    recent: int,
    capacity: int,
    hours: int,
    data: st.DataObject,
) -> None:
    one = volunteer(skills=skills, recent=recent, themes=frozenset(data.draw(st.sets(st.integers(1, 3)))))
    other = shift(
        skills=wanted,
        place=Place(east, north),
        capacity=capacity,
        filled=data.draw(st.integers(0, capacity)),
        theme_id=data.draw(st.none() | st.integers(1, 3)),
        starts_at=NOW + timedelta(hours=hours),
        asked_languages=data.draw(st.integers(0, 7)),
    )
    found = scoring.score(one, other, parents=PARENTS, policy=Policy(), now=NOW)
    assert [term.kind for term in found.terms] == ["skills", "distance", "interest", "fairness", "need", "language"]
    assert [term.most for term in found.terms] == [300, 220, 150, 150, 120, 60]
    assert all(0 <= term.points <= term.most for term in found.terms)
    assert found.total == sum(term.points for term in found.terms) <= 1000


def test_the_best_fit_there_is_scores_1000() -> None:
    one = volunteer(skills={1: 3}, themes=frozenset({7}))
    other = shift(skills={1: True}, theme_id=7, place=Place(0, 0), starts_at=NOW + timedelta(days=1))
    assert sum(points(one, other).values()) == 1000


def test_distance_has_lost_63_percent_at_eight_kilometres() -> None:
    assert points(volunteer(), shift(place=Place(8_000, 0)))["distance"] == 81
    assert points(volunteer(), shift(place=None))["distance"] == 220


@given(metres, metres, st.integers(1, 50_000))
def test_nearer_is_never_worse(east: int, north: int, further: int) -> None:
    near, far = Place(abs(east), abs(north)), Place(abs(east) + further, abs(north))
    assert points(volunteer(), shift(place=near))["distance"] >= points(volunteer(), shift(place=far))["distance"]


def test_a_narrower_skill_counts_for_the_wider_one_and_a_wider_one_half_for_the_narrower() -> None:
    assert points(volunteer(skills={2: 3}), shift(skills={1: False}))["skills"] == 300
    assert points(volunteer(skills={1: 3}), shift(skills={2: False}))["skills"] == 150
    assert points(volunteer(skills={3: 3}), shift(skills={2: False}))["skills"] == 0
    assert points(volunteer(skills={1: 1}), shift(skills={1: False, 5: False}))["skills"] == 90


def test_a_wider_skill_does_not_meet_a_requirement() -> None:
    assert failing(volunteer(skills={1: 3}), shift(skills={2: True})) == ["skill"]
    assert failing(volunteer(skills={2: 1}), shift(skills={1: True})) == []


@given(levels, asked, st.integers(1, 5), st.integers(1, 3))
def test_learning_a_skill_never_lowers_the_score(
    skills: dict[int, int], wanted: dict[int, bool], learnt: int, level: int
) -> None:
    more = {**skills, learnt: max(level, skills.get(learnt, 0))}
    other = shift(skills=wanted)
    assert points(volunteer(skills=more), other)["skills"] >= points(volunteer(skills=skills), other)["skills"]


def test_interest_is_half_when_nobody_knows() -> None:
    assert points(volunteer(), shift(theme_id=1))["interest"] == 75
    assert points(volunteer(themes=frozenset({1})), shift())["interest"] == 75
    assert points(volunteer(themes=frozenset({1})), shift(theme_id=1))["interest"] == 150
    assert points(volunteer(themes=frozenset({1})), shift(theme_id=2))["interest"] == 0


def test_who_helped_less_goes_first() -> None:
    assert [points(volunteer(recent=n), shift())["fairness"] for n in range(7)] == [150, 120, 90, 60, 30, 0, 0]


def test_need_is_the_empty_share_times_the_urgency() -> None:
    soon, far = NOW + timedelta(hours=47), NOW + timedelta(days=60)
    assert points(volunteer(), shift(starts_at=soon))["need"] == 120
    assert points(volunteer(), shift(starts_at=soon, filled=2))["need"] == 60
    assert points(volunteer(), shift(starts_at=far))["need"] == 30


def test_a_pair_without_obstacles_has_no_failures() -> None:
    assert failing(volunteer(), shift()) == []


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({}, {"initiative_state": "suspended"}, ["closed"]),
        ({"municipality_id": object()}, {}, ["closed"]),
        ({}, {"is_cancelled": True}, ["closed"]),
        ({}, {"starts_at": NOW}, ["past"]),
        ({}, {"filled": 4}, ["full"]),
        ({"known": frozenset({1})}, {}, ["known"]),
        ({"offers": ALL_CELLS}, {}, ["paused"]),
        ({"offers": OPEN_TO_SUGGESTIONS | cell(0, 0)}, {}, ["time"]),
        ({}, {"asks": asks(cells=cell(0, 0), languages=language_mask(["tr"]))}, ["language"]),
        ({"reach_metres": 4_999}, {}, ["distance"]),
        ({"reach_metres": 5_000}, {}, []),
        ({"home": None}, {}, ["distance"]),
        ({"home": None}, {"place": None}, []),
        ({}, {"minimum_age": 18}, ["age"]),
        ({"born_on": date(2008, 11, 28)}, {"minimum_age": 18}, []),
        ({"born_on": date(2008, 11, 29)}, {"minimum_age": 18}, ["age"]),
        ({}, {"needs_credential": "vog"}, ["credential"]),
        ({"credentials": {"vog": None}}, {"needs_credential": "vog"}, []),
        ({"credentials": {"vog": date(2026, 11, 28)}}, {"needs_credential": "vog"}, []),
        ({"credentials": {"vog": date(2026, 11, 27)}}, {"needs_credential": "vog"}, ["credential"]),
        ({"upcoming": 2}, {}, ["wish"]),
        ({"busy": ((NOW, NOW + timedelta(days=5)),)}, {}, []),
        ({"busy": ((NOW, NOW + timedelta(days=5, minutes=1)),)}, {}, ["clash"]),
    ],
)
def test_each_hard_constraint_says_that_it_fails(one: dict[str, Any], other: dict[str, Any], why: list[str]) -> None:
    assert failing(volunteer(**one), shift(**other)) == why


def test_a_failure_keeps_what_would_have_to_be_different() -> None:
    one = volunteer(offers=OPEN_TO_SUGGESTIONS)
    (failure,) = scoring.failures(one, shift(), parents={}, now=NOW)
    assert failure.facts == {"day": "saturday", "part": "morning"}


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(scoring.WeightsDoNotAddUp):
        Policy(skills=301)


def test_a_degree_on_the_globe_is_the_right_number_of_metres() -> None:
    amsterdam = place(latitude=52.3731, longitude=4.8926)
    utrecht = place(latitude=52.0908, longitude=5.1222)
    assert metres_between(amsterdam, utrecht) == pytest.approx(35_000, rel=0.02)
