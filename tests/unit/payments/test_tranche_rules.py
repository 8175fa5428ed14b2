"""Tranches: whatever the plan and whatever went back meanwhile, every cent is in exactly one part."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.money import Money
from payments.payouts.tranche_rules import (
    MilestoneMissing,
    Part,
    PartTooSmall,
    PlanDoesNotAddUp,
    TooManyParts,
    check_percents,
    needs_second,
    parts_now,
    plan,
    take_charges,
)

CENTS = st.integers(min_value=0, max_value=5_000_000_00)
CHARGES = st.lists(st.integers(min_value=1, max_value=100_000), min_size=1, max_size=30)


@st.composite
def percents(draw: st.DrawFn) -> list[int]:
    """Whole percentages above zero that are 100 together."""
    cuts = draw(st.lists(st.integers(min_value=1, max_value=99), unique=True, max_size=5))
    edges = [0, *sorted(cuts), 100]
    return [high - low for low, high in pairwise(edges)]


def _pay_all(parts: list[Part], charges: list[int], deposits: int) -> list[list[tuple[int, int]]]:
    """Approve every tranche, one after another; return what each took of which charge."""
    left = list(charges)
    taken = []
    for number in range(len(parts)):
        now = parts_now(planned=parts[number:], gifts_cents=sum(left), deposits_cents=deposits)
        assert min(now.gifts_cents, now.deposits_cents, now.match_cents) >= 0
        lines = take_charges(now.gifts_cents, list(enumerate(left)))
        assert sum(cents for _, cents in lines) == now.gifts_cents
        for key, cents in lines:
            left[key] -= cents
        deposits -= now.deposits_cents
        taken.append(lines)
    assert (sum(left), deposits) == (0, 0)
    return taken


@given(crowd=CENTS, match=CENTS, shares=percents())
def test_the_parts_of_a_plan_are_the_whole_to_the_cent(crowd: int, match: int, shares: list[int]) -> None:
    parts = plan(crowd=Money(crowd), match=Money(match), percents=shares)
    assert sum(part.amount_cents for part in parts) == crowd + match
    assert sum(part.match_cents for part in parts) == match
    assert all(0 <= part.match_cents <= part.amount_cents for part in parts)


@given(crowd=CENTS, match=CENTS, shares=percents())
def test_the_share_of_the_municipality_follows_each_part_within_a_cent(
    crowd: int, match: int, shares: list[int]
) -> None:
    for part in plan(crowd=Money(crowd), match=Money(match), percents=shares):
        if crowd + match:
            exact = match * part.amount_cents
            assert abs(part.match_cents * (crowd + match) - exact) < crowd + match


@given(charges=CHARGES, deposits=st.integers(0, 10_000), match=st.integers(0, 100_000), shares=percents())
def test_each_part_pays_what_was_planned_and_nothing_stays_behind(
    charges: list[int], deposits: int, match: int, shares: list[int]
) -> None:
    parts = plan(crowd=Money(sum(charges) + deposits), match=Money(match), percents=shares)
    first = parts_now(planned=parts, gifts_cents=sum(charges), deposits_cents=deposits)
    assert first.total_cents == parts[0].amount_cents
    _pay_all(parts, charges, deposits)


@given(charges=CHARGES, shares=percents())
def test_a_part_takes_charges_oldest_first_and_splits_at_most_one(charges: list[int], shares: list[int]) -> None:
    taken = _pay_all(plan(crowd=Money(sum(charges)), match=Money(0), percents=shares), charges, 0)
    order = [key for lines in taken for key, _ in lines]
    assert order == sorted(order)
    left = list(charges)
    for lines in taken:
        for key, cents in lines:
            left[key] -= cents
        assert sum(1 for key, _ in lines if left[key]) <= 1, "only the last charge of a part is split"


@given(charges=CHARGES, shares=percents(), gone=st.data())
def test_what_went_back_meanwhile_is_missing_from_the_parts_that_remain(
    charges: list[int], shares: list[int], gone: st.DataObject
) -> None:
    parts = plan(crowd=Money(sum(charges)), match=Money(0), percents=shares)
    here = gone.draw(st.integers(0, sum(charges)))
    left = here
    for number in range(len(parts)):
        left -= parts_now(planned=parts[number:], gifts_cents=left, deposits_cents=0).total_cents
        assert left >= 0
    assert left == 0


@pytest.mark.parametrize(
    ("shares", "milestones", "refused"),
    [
        ([50, 49], ["a", "b"], PlanDoesNotAddUp),
        ([100, 0], ["a", "b"], PartTooSmall),
        ([120, -20], ["a", "b"], PartTooSmall),
        ([], [], PlanDoesNotAddUp),
        ([50, 50], ["a", " "], MilestoneMissing),
        ([50, 50], ["a", "b" * 201], MilestoneMissing),
        ([10] * 10, ["a"] * 10, TooManyParts),
    ],
)
def test_what_is_no_plan_is_refused(shares: list[int], milestones: list[str], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        check_percents(shares, milestones)


def test_cutting_a_payout_up_does_not_evade_the_second_person() -> None:
    parts = [Part(amount_cents=600_00, match_cents=0), Part(amount_cents=600_00, match_cents=0)]
    assert needs_second(planned=parts, alone_cents=1_000_00)
    assert not needs_second(planned=parts, alone_cents=1_200_00)
