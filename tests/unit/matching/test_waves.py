"""How many people a wave asks, and until when."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.placements import wave_rules as rules
from matching.placements.wave_rules import Answers, WaveFacts

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
answers = st.builds(Answers, yes=st.integers(0, 2000), no=st.integers(0, 2000))
rates = st.fractions(Fraction(1, 100), Fraction(99, 100))


def shift(**changes: object) -> WaveFacts:
    values = {"starts_at": NOW + timedelta(days=9), "is_open": True, "free": 4, "offered": 0, "asked": 0, **changes}
    return WaveFacts(**values)  # type: ignore[arg-type]  # each test names the fields it means


def test_before_anybody_answered_we_take_four_of_ten_for_a_yes() -> None:
    assert rules.accept_rate(own=Answers(), town=Answers()) == Fraction(2, 5)


@given(answers, answers)
def test_the_rate_is_always_a_share_that_can_be_divided_by(own: Answers, town: Answers) -> None:
    assert 0 < rules.accept_rate(own=own, town=town) < 1


@given(answers, answers)
def test_one_more_yes_never_lowers_the_rate_and_one_more_no_never_raises_it(own: Answers, town: Answers) -> None:
    rate = rules.accept_rate(own=own, town=town)
    assert rules.accept_rate(own=Answers(yes=own.yes + 1, no=own.no), town=town) > rate
    assert rules.accept_rate(own=Answers(yes=own.yes, no=own.no + 1), town=town) < rate


@given(st.integers(100, 2000), answers)
def test_many_answers_of_its_own_decide_for_an_initiative(number: int, town: Answers) -> None:
    rate = rules.accept_rate(own=Answers(yes=number, no=0), town=town)
    assert rate >= Fraction(number, number + rules.PRIOR_ANSWERS)


@given(st.integers(0, 500), rates)
def test_as_many_are_asked_as_fill_the_places_and_not_one_more(places: int, rate: Fraction) -> None:
    wanted = rules.wanted_invitations(open_places=places, rate=rate)
    assert wanted * rate >= places
    assert places == 0 or (wanted - 1) * rate < places


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), rates)
def test_asking_what_is_lacking_leaves_nothing_lacking(free: int, offered: int, asked: int, rate: Fraction) -> None:
    facts = shift(free=free, offered=offered, asked=asked)
    more = rules.more_to_ask(facts, rate=rate)
    assert more >= 0
    assert rules.more_to_ask(shift(free=free, offered=offered, asked=asked + more), rate=rate) == 0


@given(st.integers(1, 500), st.integers(0, 500), rates)
def test_a_no_is_replaced_and_a_yes_never_brings_more_questions(free: int, more: int, rate: Fraction) -> None:
    asked = rules.wanted_invitations(open_places=free, rate=rate)
    assert rules.more_to_ask(shift(free=free, asked=asked - 1), rate=rate) == 1
    assert rules.more_to_ask(shift(free=free - 1, asked=asked - 1), rate=rate) == 0
    assert rules.more_to_ask(shift(free=free - 1, asked=asked - 1 + more), rate=rate) == 0


def test_a_place_on_offer_to_the_waiting_list_is_not_asked_for_again() -> None:
    assert rules.more_to_ask(shift(free=1, offered=1), rate=Fraction(2, 5)) == 0


@pytest.mark.parametrize(("hours", "ending"), [(48, "near"), (47, "near"), (-1, "near"), (49, None)])
def test_a_wave_ends_48_hours_before_the_shift(hours: int, ending: str | None) -> None:
    facts = shift(starts_at=NOW + timedelta(hours=hours))
    assert rules.ending_of(facts, now=NOW) == ending
    if ending:
        with pytest.raises(rules.TooLateToAsk):
            rules.check_may_start(starts_at=facts.starts_at, now=NOW)
    else:
        rules.check_may_start(starts_at=facts.starts_at, now=NOW)


def test_a_full_shift_only_rests_and_one_that_takes_nobody_ends() -> None:
    assert rules.ending_of(shift(free=0), now=NOW) is None
    assert rules.ending_of(shift(is_open=False), now=NOW) == "closed"
