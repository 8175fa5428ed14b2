"""The road of a placement, and until when an answer counts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.placements import rules
from matching.vocabulary.rules import AMSTERDAM

states = st.sampled_from(rules.STATES)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001  Hypothesis wants its bounds naive
waits = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(states, states)
def test_no_step_outside_the_table_is_taken(current: str, to: str) -> None:
    if to in rules.TRANSITIONS[current]:
        rules.check_transition(current=current, to=to)
    else:
        with pytest.raises(rules.PlacementCannotBecome):
            rules.check_transition(current=current, to=to)


def test_every_state_is_named_by_the_table_and_can_be_reached() -> None:
    reached = {"proposed", "invited", "applied"}.union(*rules.TRANSITIONS.values())
    assert reached == set(rules.STATES)


def test_whoever_waits_can_be_answered_and_can_expire() -> None:
    for state in rules.AWAITS:
        assert "expired" in rules.TRANSITIONS[state]


def test_nobody_takes_a_place_without_having_said_yes() -> None:
    into_place = {state for state, nexts in rules.TRANSITIONS.items() if nexts & rules.TAKES_PLACE}
    assert into_place - rules.TAKES_PLACE == {"invited", "applied"}


def test_an_invitation_is_never_opened_again_by_another_invitation() -> None:
    for state in rules.LEFT:
        assert rules.TRANSITIONS[state] == {"applied"}


@pytest.mark.parametrize(
    ("state", "before", "may"),
    [
        ("declined", "invited", True),
        ("declined", "applied", False),
        ("cancelled", "accepted", True),
        ("expired", "waitlisted", True),
        ("accepted", "applied", False),
        ("waitlisted", "applied", False),
    ],
)
def test_somebody_may_come_back_unless_the_organisation_said_no(state: str, before: str, may: bool) -> None:  # noqa: FBT001  a table of cases
    assert rules.may_return(state=state, before=before) is may


@given(moments, waits)
def test_an_answer_is_due_within_48_hours_and_before_half_the_time_has_passed(now: datetime, wait: timedelta) -> None:
    due = rules.answer_by(now=now, starts_at=now + wait)
    assert due - now == min(timedelta(hours=48), wait / 2)
    assert now <= due <= now + wait


def test_the_hour_the_clock_skips_is_not_counted() -> None:
    # From 27 March 20:00 to 28 March 8:00 on the clock are eleven hours.
    now = datetime(2027, 3, 27, 20, tzinfo=AMSTERDAM)
    due = rules.answer_by(now=now, starts_at=datetime(2027, 3, 28, 8, tzinfo=AMSTERDAM))
    assert due == datetime(2027, 3, 28, 0, 30, tzinfo=UTC)


@given(st.integers(0, 5), st.integers(0, 5))
def test_nobody_has_more_than_two_open_questions_or_three_a_week(open_now: int, this_week: int) -> None:
    may = rules.may_be_asked(rules.Openness(open_invitations=open_now, this_week=this_week))
    assert may is (open_now < 2 and this_week < 3)
