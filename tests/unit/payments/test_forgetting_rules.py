"""An account is known for whole calendar years, and never shorter than asked."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from payments.bank.forgetting_rules import accounts_before, households_before

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2090, 1, 1))


def test_what_was_paid_in_2026_is_forgotten_from_the_first_of_january_2034() -> None:
    paid = date(2026, 12, 31)
    assert not paid < accounts_before(today=date(2033, 12, 31), years=7)
    assert paid < accounts_before(today=date(2034, 1, 1), years=7)


@given(DAYS, st.integers(min_value=7, max_value=30))
def test_no_account_is_forgotten_before_its_years_are_over(today: date, years: int) -> None:
    last_paid = accounts_before(today=today, years=years) - timedelta(days=1)
    assert last_paid.year + years < today.year


def test_a_household_is_known_for_exactly_its_days() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert households_before(now=now, days=365) == datetime(2025, 11, 23, tzinfo=UTC)
