"""Deadlines are local midnights, also when the clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.clock import AMSTERDAM, end_of, local_date, local_midnight


@pytest.mark.parametrize(
    ("day", "ends_at"),
    [
        (date(2026, 12, 11), datetime(2026, 12, 11, 23, 0, tzinfo=UTC)),
        (date(2027, 6, 1), datetime(2027, 6, 1, 22, 0, tzinfo=UTC)),
        # The night of 28 March has 23 hours, the night of 31 October 25.
        (date(2027, 3, 28), datetime(2027, 3, 28, 22, 0, tzinfo=UTC)),
        (date(2027, 10, 31), datetime(2027, 10, 31, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_day_is_over_at_local_midnight(day: date, ends_at: datetime) -> None:
    assert end_of(day) == ends_at


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    assert end_of(day) == local_midnight(day + timedelta(days=1))
    assert local_date(end_of(day)) == day + timedelta(days=1)
    assert local_date(end_of(day) - timedelta(microseconds=1)) == day
    assert end_of(day).astimezone(AMSTERDAM).hour == 0
