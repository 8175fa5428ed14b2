"""Whether the month was the one that was asked for, and how that is said."""

import dataclasses

import pytest

from crowd.initiatives.rules import STATES as CAMPAIGN_STATES
from crowd.pledges.rules import STATES as PLEDGE_STATES
from frontend.simulation.report import AT_LEAST, Outcome, Survived, read_at_least, shortcomings

GOOD = Outcome(
    campaigns={**dict.fromkeys(CAMPAIGN_STATES, 0), "funded": 50, "unfunded": 60},
    unfunded_after_collecting=12,
    funded_with_match=30,
    pledges=dict.fromkeys(PLEDGE_STATES, 0),
    unfinished_pledges=0,
    pledged_cents=5,
    captured_cents=4,
    refunded_cents=3,
    matched_cents=2,
    paid_out_cents=1,
    placements={"completed": 3},
    unfinished_placements=0,
    overfull_shifts=0,
    overlaps=0,
    books_balanced=True,
    differences=(),
    duration_seconds=12.34,
)


def test_a_full_month_falls_short_of_nothing() -> None:
    assert shortcomings(GOOD, at_least=AT_LEAST) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"campaigns": {**GOOD.campaigns, "funded": 39}},
            "Only 39 campaigns ended funded; at least 40 were asked for.",
        ),
        (
            {"unfunded_after_collecting": 9},
            "Only 9 campaigns ended unfunded after collecting; at least 10 were asked for.",
        ),
        (
            {"unfunded_after_collecting": 21},
            "Only 39 campaigns ended unfunded at the deadline; at least 40 were asked for.",
        ),
        (
            {"funded_with_match": 0},
            "Only 0 funded campaigns were matched by the municipality; at least 1 were asked for.",
        ),
        ({"campaigns": {**GOOD.campaigns, "near_miss": 1}}, "1 campaigns have no outcome yet."),
        ({"unfinished_pledges": 2}, "2 contributions are in no final state."),
        ({"overfull_shifts": 1}, "1 shifts have more people than places."),
        ({"overlaps": 1}, "1 times somebody is in two places at once."),
        ({"books_balanced": False, "differences": ("I4",)}, "The books do not balance: 1 differences."),
    ],
)
def test_what_is_missing_is_said(change: dict[str, object], sentence: str) -> None:
    outcome = dataclasses.replace(GOOD, **change)  # type: ignore[arg-type]  # each case names a field
    assert shortcomings(outcome, at_least=AT_LEAST) == [sentence]


def test_the_object_for_machines_has_exactly_these_names() -> None:
    assert list(GOOD.as_json()) == [
        "campaigns",
        "pledges",
        "pledgedCents",
        "capturedCents",
        "refundedCents",
        "matchedCents",
        "paidOutCents",
        "placements",
        "overfullShifts",
        "overlaps",
        "booksBalanced",
        "durationSeconds",
    ]
    assert set(GOOD.as_json()["pledges"]) == set(PLEDGE_STATES)


def test_a_smaller_month_asks_for_less() -> None:
    assert read_at_least("funded=2, unfunded-after-collecting=0") == {"funded": 2, "unfunded-after-collecting": 0}


@pytest.mark.parametrize("text", ["funded", "rich=2", "funded=-1", "funded=two", ""])
def test_a_threshold_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is none of"):
        read_at_least(text)


SURVIVED = Survived(
    kills={"worker": 3, "postgres": 2},
    kills_asked=5,
    faults={"drop_after": 40, "latency": 20},
    faults_asked=60,
    double_charges=0,
    lost_pledges=0,
)


def test_havoc_adds_four_counts_and_is_survived_when_nobody_lost_anything() -> None:
    outcome = dataclasses.replace(GOOD, survived=SURVIVED)

    assert shortcomings(outcome, at_least=AT_LEAST) == []
    added = {name: count for name, count in outcome.as_json().items() if name not in GOOD.as_json()}
    assert added == {"kills": 5, "faultsInjected": 60, "doubleCharges": 0, "lostPledges": 0}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kills_asked": 6}, "Only 5 processes were killed; at least 6 were asked for."),
        ({"faults_asked": 61}, "Only 60 faults were injected; at least 61 were asked for."),
        ({"double_charges": 1}, "1 contributions were charged more than once."),
        ({"lost_pledges": 2}, "2 contributions were lost after their donor was thanked."),
    ],
)
def test_what_havoc_cost_is_said(change: dict[str, int], sentence: str) -> None:
    survived = dataclasses.replace(SURVIVED, **change)  # type: ignore[arg-type]  # only the counts are changed
    assert shortcomings(dataclasses.replace(GOOD, survived=survived), at_least=AT_LEAST) == [sentence]
