"""Euros as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.money import Money
from frontend.amounts import read_amount
from frontend.formats import amount_field, money


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("25", 25_00),
        (" € 12,50 ", 12_50),
        ("12.5", 12_50),
        ("1.250", 1_250_00),
        ("1,250", 1_250_00),
        ("1.250,75", 1_250_75),
        ("1,250.75", 1_250_75),
        ("10,-", 10_00),
        ("0,05", 5),
        ("EUR 3", 3_00),
    ],
)
def test_an_amount_is_read_as_it_was_meant(text: str, cents: int) -> None:
    assert read_amount(text) == Money(cents)


@pytest.mark.parametrize("text", ["", "veel", "-5", "1.2.3", "12,345,6", "1e3", "12,5055", "9" * 12, "²", "٣"])
def test_what_is_no_amount_is_not_guessed_at(text: str) -> None:
    assert read_amount(text) is None


@given(st.integers(1, 10**9))
def test_what_we_print_we_can_read(cents: int) -> None:
    assert read_amount(amount_field(Money(cents))) == Money(cents)
    assert read_amount(money(Money(cents), "nl")) == Money(cents)
    assert read_amount(money(Money(cents), "en")) == Money(cents)
