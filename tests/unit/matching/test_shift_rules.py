"""What a role and a shift may be, also across the change of the clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.errors import Invalid, InvalidFields
from matching.roles import rules
from matching.roles.rules import RoleDraft, ShiftDraft
from matching.vocabulary.rules import UnknownCell, UnknownSkill
from matching.volunteers import rules as volunteers

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SATURDAY = date(2026, 11, 28)


def draft(**changes: object) -> ShiftDraft:
    values = {"on": SATURDAY, "starts": time(10), "ends": time(13), "capacity": 4, **changes}
    return ShiftDraft(**values)  # type: ignore[arg-type]  # each test names the fields it means


def test_a_shift_is_kept_in_utc() -> None:
    starts_at, ends_at = rules.check_shift(draft(), now=NOW)
    assert (starts_at, ends_at) == (datetime(2026, 11, 28, 9, tzinfo=UTC), datetime(2026, 11, 28, 12, tzinfo=UTC))


def test_a_shift_over_the_change_to_summer_time_is_an_hour_shorter() -> None:
    starts_at, ends_at = rules.check_shift(draft(on=date(2027, 3, 28), starts=time(0), ends=time(6)), now=NOW)
    assert ends_at - starts_at == timedelta(hours=5)


def test_a_time_the_clock_skips_is_refused() -> None:
    with pytest.raises(rules.TimeSkipped):
        rules.check_shift(draft(on=date(2027, 3, 28), starts=time(2, 30), ends=time(6)), now=NOW)


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert rules.local_moment(date(2026, 10, 25), time(2, 30), field="x") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ends": time(10)}, rules.EndsBeforeItStarts),
        ({"ends": time(9)}, rules.EndsBeforeItStarts),
        ({"on": date(2026, 11, 22)}, rules.InThePast),
        ({"on": date(2026, 11, 23), "starts": time(10)}, rules.InThePast),
        ({"on": date(2029, 1, 1)}, rules.TooFarAhead),
        ({"capacity": 0}, rules.BadCapacity),
        ({"capacity": 501}, rules.BadCapacity),
        ({"minimum_crew": 5}, rules.BadCrew),
        ({"minimum_crew": 0}, rules.BadCrew),
        ({"meeting_point": "x" * 121}, rules.MeetingPointTooLong),
    ],
)
def test_a_shift_that_cannot_be_is_refused(changes: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.check_shift(draft(**changes), now=NOW)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.check_shift(draft(capacity=0, ends=time(9), on=date(2026, 1, 1)), now=NOW)
    assert {error.field for error in refused.value.errors} == {"capacity", "ends", "on"}


def test_capacity_never_goes_below_who_is_coming() -> None:
    rules.check_people(capacity=3, minimum_crew=1, filled=3)
    with pytest.raises(rules.CapacityBelowAccepted):
        rules.check_people(capacity=2, minimum_crew=1, filled=3)


def test_a_required_skill_is_not_also_desired() -> None:
    clean = rules.clean_role(
        RoleDraft(
            title="  Planten   gieten ",
            required_skills=frozenset({1}),
            desired_skills=frozenset({1, 2}),
            required_languages=1,
            desired_languages=3,
        )
    )
    assert clean.title == "Planten gieten"
    assert (clean.required_skills, clean.desired_skills) == (frozenset({1}), frozenset({2}))
    assert (clean.required_languages, clean.desired_languages) == (1, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "x" * 81},
        {"description": "x" * 2001},
        {"desired_skills": frozenset(range(9))},
        {"minimum_age": 17},
        {"needs_credential": "zwemdiploma"},
    ],
)
def test_a_role_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    values = {"title": "Koffie schenken", **wrong}
    with pytest.raises(Invalid):
        rules.clean_role(RoleDraft(**values))  # type: ignore[arg-type]  # each case names the field it means


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"radius_km": 0}, volunteers.BadRadius),
        ({"radius_km": 10_000}, volunteers.BadRadius),
        ({"wants_at_most": 0}, volunteers.BadWish),
        ({"cells": 0}, volunteers.NoTime),
        ({"cells": 1 << 21}, UnknownCell),
        ({"languages": 0}, volunteers.NoLanguage),
        ({"skills": {1: 4}}, UnknownSkill),
        ({"skills": dict.fromkeys(range(21), 1)}, UnknownSkill),
        ({"born_on": date(2027, 1, 1)}, volunteers.BadBirthDate),
        ({"born_on": date(2020, 1, 1)}, volunteers.BadBirthDate),
        ({"born_on": date(1800, 1, 1)}, volunteers.BadBirthDate),
    ],
)
def test_a_profile_that_cannot_be_is_refused(wrong: dict[str, object], refusal: type[Exception]) -> None:
    values = {"pc4": "1011", "radius_km": 5, "languages": 1, "cells": 1, **wrong}
    with pytest.raises(refusal):
        volunteers.check_profile(volunteers.Profile(**values), today=date(2026, 11, 23))  # type: ignore[arg-type]  # each case names the field it means


@given(st.dates(date(1930, 1, 1), date(2014, 1, 1)), st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_somebody_turns_a_year_older_on_one_day_a_year(born_on: date, day: date) -> None:
    older = volunteers.age_on(born_on, day) - volunteers.age_on(born_on, day - timedelta(days=1))
    is_birthday = (day.month, day.day) == (born_on.month, born_on.day)
    leaps = (born_on.month, born_on.day) == (2, 29) and (day.month, day.day) == (3, 1) and day.year % 4 != 0
    assert older == (1 if is_birthday or leaps else 0)
