"""Euros in whole cents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.money import Money, NegativeWeight

cents = st.integers(min_value=-(10**12), max_value=10**12)
weights = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=30).filter(any)


@given(cents, weights)
def test_a_split_adds_up_to_the_whole(amount: int, shares: list[int]) -> None:
    assert Money.total(Money(amount).split(shares)) == Money(amount)


@given(cents, weights)
def test_no_share_is_more_than_a_cent_from_its_exact_part(amount: int, shares: list[int]) -> None:
    whole = sum(shares)
    for share, weight in zip(Money(amount).split(shares), shares, strict=True):
        assert abs(share.cents * whole - amount * weight) < whole


@given(cents, weights)
def test_a_share_of_nothing_is_nothing(amount: int, shares: list[int]) -> None:
    for share, weight in zip(Money(amount).split(shares), shares, strict=True):
        assert weight or not share


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1, 2]])
def test_a_split_over_no_or_negative_shares_is_refused(shares: list[int]) -> None:
    with pytest.raises(NegativeWeight):
        Money(100).split(shares)


@pytest.mark.parametrize("value", [1.0, True, "1"])
def test_only_whole_cents_are_money(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value)  # type: ignore[arg-type]  # the point of the test
