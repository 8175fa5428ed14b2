"""What a near miss is, whose turn it is, and what a revised plan must fit in."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crowd.closing import plan_rules as rules
from crowd.closing.plan_rules import Plan, Step, Terms, step_of
from crowd.closing.rules import outcome_after_collecting, outcome_on_revised_plan
from crowd.initiatives.content_rules import Line
from crowd.initiatives.rules import InitiativeFacts, OnlyTheCounter, OwnInitiative
from crowd.shared.actor import Actor, Channel
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.money import ZERO, Money

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
HERE = new_id()
_CENTS = st.integers(0, 10**9).map(Money)
_TOLERANCE = st.integers(0, 20)
_WHEN = st.integers(-40, 40).map(lambda days: NOW + timedelta(days=days))
_WORDS = "Er komt een bank minder en geen afdak."


@given(collected=_CENTS, match=_CENTS, minimum=st.integers(1, 10**9).map(Money), tolerance=_TOLERANCE)
def test_the_outcome_after_collecting_is_that_of_exact_fractions(
    collected: Money, match: Money, minimum: Money, tolerance: int
) -> None:
    outcome = outcome_after_collecting(collected=collected, match=match, minimum=minimum, tolerance_percent=tolerance)
    reached = (collected + match).cents
    assert (outcome == "funded") == (reached * 100 >= minimum.cents * (100 - tolerance))
    assert (outcome == "unfunded") == (reached * 5 < minimum.cents * 4)


@given(minimum=st.integers(100, 10**7).map(Money), short=st.integers(1, 100), tolerance=_TOLERANCE)
def test_a_cent_below_what_was_published_is_no_longer_funded(minimum: Money, short: int, tolerance: int) -> None:
    at_least = -(-minimum.cents * (100 - tolerance) // 100)
    arguments = {"match": ZERO, "minimum": minimum, "tolerance_percent": tolerance}
    assert outcome_after_collecting(collected=Money(at_least), **arguments) == "funded"  # type: ignore[arg-type]  # a table of keywords
    below = Money(max(at_least - short, 0))
    assert outcome_after_collecting(collected=below, **arguments) != "funded"  # type: ignore[arg-type]  # as above


@given(collected=_CENTS, match=_CENTS, minimum=_CENTS, more=_CENTS, tolerance=_TOLERANCE)
def test_collecting_more_never_makes_it_worse(
    collected: Money, match: Money, minimum: Money, more: Money, tolerance: int
) -> None:
    order = ("unfunded", "near_miss", "funded")
    before, after = (
        outcome_after_collecting(collected=one, match=match, minimum=minimum, tolerance_percent=tolerance)
        for one in (collected, collected + more)
    )
    assert order.index(before) <= order.index(after)


@given(left=_CENTS, match=_CENTS, minimum=_CENTS)
def test_a_revised_plan_knows_no_tolerance(left: Money, match: Money, minimum: Money) -> None:
    assert (outcome_on_revised_plan(left=left, match=match, minimum=minimum) == "funded") == (left + match >= minimum)


_TERMS = st.builds(
    Terms,
    plan_until=_WHEN,
    plan_state=st.sampled_from(["", "draft", "submitted", "confirmed", "refused"]),
    answer_until=_WHEN,
    donors_until=_WHEN,
)


@given(terms=_TERMS, now=_WHEN)
def test_nobody_is_waited_for_without_end(terms: Terms, now: datetime) -> None:
    assert step_of(terms, now=now) in get_args(Step)
    assert step_of(terms, now=NOW + timedelta(days=41)) in {"decide", "give_back"}


@given(terms=_TERMS, now=_WHEN)
def test_only_a_confirmed_plan_is_weighed_and_only_after_the_donors_term(terms: Terms, now: datetime) -> None:
    step = step_of(terms, now=now)
    assert (step == "decide") == (
        terms.plan_state == "confirmed" and terms.donors_until is not None and now >= terms.donors_until
    )
    assert step != "donors" or terms.plan_state == "confirmed"


@given(terms=_TERMS, now=_WHEN)
def test_a_plan_is_written_in_its_own_term_only(terms: Terms, now: datetime) -> None:
    if step_of(terms, now=now) == "plan":
        rules.check_may_revise(terms, now=now)
    else:
        with pytest.raises((rules.PlanHandedIn, rules.TooLateToRevise)):
            rules.check_may_revise(terms, now=now)


_LINES = st.lists(st.integers(1_00, 5_000_00), min_size=1, max_size=6).map(
    lambda amounts: tuple(Line(label=f"Deel {at}", amount=Money(cents)) for at, cents in enumerate(amounts, 1))
)


@given(lines=_LINES, needs=st.integers(1_00, 30_000_00).map(Money), there_is=_CENTS, missed=_CENTS)
def test_a_plan_that_is_accepted_fits_in_what_there_is(
    lines: tuple[Line, ...], needs: Money, there_is: Money, missed: Money
) -> None:
    plan = Plan(lines=lines, minimum=needs, what_changes=_WORDS, why=_WORDS)
    fits = plan.target <= there_is and needs <= there_is and needs < missed and needs <= plan.target
    if fits:
        assert rules.check_plan(plan, minimum=missed, there_is=there_is, today=NOW.date()) == needs
        assert outcome_on_revised_plan(left=there_is, match=ZERO, minimum=needs) == "funded"
    else:
        with pytest.raises(InvalidFields):
            rules.check_plan(plan, minimum=missed, there_is=there_is, today=NOW.date())


def test_everything_that_is_missing_is_named_together() -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.check_plan(Plan(), minimum=Money(100_00), there_is=Money(90_00), today=NOW.date())
    assert {error.field for error in refused.value.errors} == {"lines", "minimum", "what_changes", "why"}


@given(words=st.text(max_size=40))
def test_a_refusal_says_why_and_a_confirmation_need_not(words: str) -> None:
    assert rules.check_answer(outcome="confirmed", reason=words) == words.strip()
    assume(len(words.strip()) < rules.TEXT_LENGTH_MIN)
    with pytest.raises(InvalidFields):
        rules.check_answer(outcome="refused", reason=words)


def test_who_wrote_the_initiative_does_not_answer_and_a_resident_never_does() -> None:
    person = new_id()
    facts = InitiativeFacts(municipality_id=HERE, state="near_miss", part="initiator")
    clerk = Actor(municipality_id=HERE, person_id=person, roles=frozenset({"clerk"}), channel=Channel.DESK)
    resident = Actor(municipality_id=HERE, person_id=person)
    assert isinstance(rules.may_answer(clerk, facts), OwnInitiative)
    assert isinstance(rules.may_answer(resident, facts), OnlyTheCounter)
    assert rules.may_revise(resident, facts) is None
    assert rules.may_answer(clerk, InitiativeFacts(municipality_id=HERE, state="near_miss")) is None
    assert rules.may_revise(clerk, InitiativeFacts(municipality_id=HERE, state="near_miss")) is not None
