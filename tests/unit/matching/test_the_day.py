"""When people check in, are reminded and thanked, and how hours are read, written and summed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.placements import day_rules as rules
from matching.placements.day_rules import Helped
from matching.vocabulary.rules import AMSTERDAM

TEN = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
ONE = TEN + timedelta(hours=3)


@pytest.mark.parametrize(
    ("minutes", "refusal"), [(-61, rules.NotYetOpen), (-60, None), (0, None), (179, None), (180, rules.CheckInIsOver)]
)
def test_the_door_is_open_from_an_hour_before_until_the_end(minutes: int, refusal: type[Exception] | None) -> None:
    now = TEN + timedelta(minutes=minutes)
    assert rules.may_check_in(starts_at=TEN, ends_at=ONE, now=now) == (refusal is None)
    if refusal is None:
        rules.check_window(starts_at=TEN, ends_at=ONE, now=now)
    else:
        with pytest.raises(refusal):
            rules.check_window(starts_at=TEN, ends_at=ONE, now=now)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC)))  # noqa: DTZ001  Hypothesis wants its bounds naive
def test_people_are_reminded_at_ten_the_day_before_whatever_the_clock_does(starts_at: datetime) -> None:
    moment, begin = rules.remind_from(starts_at).astimezone(AMSTERDAM), starts_at.astimezone(AMSTERDAM)
    assert (begin.date() - moment.date(), moment.hour, moment.minute) == (timedelta(days=1), 10, 0)
    thanks = rules.thank_from(starts_at).astimezone(AMSTERDAM)
    assert (thanks.date() - begin.date(), thanks.hour) == (timedelta(days=1), 10)


def test_whoever_said_yes_after_that_moment_is_not_reminded_of_it() -> None:
    due = rules.remind_from(TEN)
    before, after = due - timedelta(seconds=1), due + timedelta(seconds=1)
    assert rules.is_reminder_due(starts_at=TEN, said_yes_at=before, now=due)
    assert not rules.is_reminder_due(starts_at=TEN, said_yes_at=before, now=before)
    assert not rules.is_reminder_due(starts_at=TEN, said_yes_at=after, now=after)
    assert not rules.is_reminder_due(starts_at=TEN, said_yes_at=before, now=TEN)


def test_nobody_is_thanked_for_what_was_long_ago() -> None:
    assert rules.is_thanks_due(ends_at=ONE, now=rules.thank_from(ONE))
    assert not rules.is_thanks_due(ends_at=ONE, now=ONE + timedelta(hours=1))
    assert not rules.is_thanks_due(ends_at=ONE, now=ONE + timedelta(days=7))


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("3", 180), (" 2,5 ", 150), ("2.5", 150), ("2:30", 150), ("0:15", 15), ("1,33", 80), ("24", 1440), ("0,25", 15)],
)
def test_hours_are_read_as_people_write_them(typed: str, minutes: int) -> None:
    assert rules.read_hours(typed) == minutes


@pytest.mark.parametrize("typed", ["", "0", "0:00", "25", "24:01", "2:60", "2:5", "-3", "drie", "1e3", "3 uur", "٣"])
def test_what_is_no_time_somebody_can_have_helped_is_refused(typed: str) -> None:
    with pytest.raises(rules.BadHours):
        rules.read_hours(typed)


@given(st.integers(1, 1440))
def test_written_hours_are_read_back_as_the_same(minutes: int) -> None:
    assert rules.read_hours(rules.written_hours(minutes)) == minutes


def test_the_night_the_clock_goes_back_is_as_long_as_it_really_was() -> None:
    starts = datetime(2026, 10, 25, 1, 0, tzinfo=AMSTERDAM)
    assert rules.length(starts, datetime(2026, 10, 25, 4, 0, tzinfo=AMSTERDAM)) == 240


def helped(number: int, *, initiative: int, starts_at: datetime, minutes: int) -> Helped:
    return Helped(
        placement_id=UUID(int=number),
        initiative_id=UUID(int=initiative),
        initiative="Tuin",
        role="Wieden",
        starts_at=starts_at,
        minutes=minutes,
    )


def test_hours_are_summed_by_the_dutch_year_in_which_they_began() -> None:
    last_evening = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    lines = [
        helped(1, initiative=1, starts_at=TEN, minutes=90),
        helped(2, initiative=2, starts_at=TEN + timedelta(days=1), minutes=60),
        helped(3, initiative=1, starts_at=last_evening, minutes=30),
    ]
    assert list(rules.by_year(lines).items()) == [(2027, 30), (2026, 150)]
    assert [[one.placement_id.int for one in part] for part in rules.by_initiative(lines)] == [[1, 3], [2]]
