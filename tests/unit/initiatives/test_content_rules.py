"""What an initiative may say."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.initiatives import content_rules as rules
from crowd.initiatives.content_rules import Budget, Help, Line
from crowd.shared.errors import Invalid, InvalidFields
from crowd.shared.money import Money

TODAY = date(2026, 11, 23)

amounts = st.builds(Money, st.integers(1, 300_000_00))
lines = st.lists(st.builds(Line, st.sampled_from(["", "Planten", "x" * 81]), st.none() | amounts), max_size=22)
budgets = st.builds(
    Budget,
    lines.map(tuple),
    st.none() | amounts,
    st.none() | st.integers(-10, 120).map(lambda days: TODAY + timedelta(days=days)),
)


def names(errors: tuple[Invalid, ...]) -> list[type[Invalid]]:
    return [type(error) for error in errors]


@pytest.mark.parametrize(("days", "fine"), [(6, False), (7, True), (90, True), (91, False), (-1, False)])
def test_the_end_lies_7_to_90_days_ahead(days: int, fine: bool) -> None:  # noqa: FBT001  pytest passes it by name
    section = Budget(ends_on=TODAY + timedelta(days=days))
    assert (rules.section_errors(section, today=TODAY) == ()) == fine


@pytest.mark.parametrize(
    ("budget", "refusal"),
    [
        (Budget(lines=(Line("Planten", None),)), rules.BudgetAmountMissing),
        (Budget(lines=(Line("", Money(100_00)),)), rules.BudgetLabelMissing),
        (Budget(lines=(Line("Planten", Money(99)),)), rules.BudgetAmountOutOfRange),
        (Budget(lines=(Line("Planten", Money(250_000_01)),)), rules.BudgetAmountOutOfRange),
        (Budget(lines=(Line("Planten", Money(10**30)),)), rules.BudgetAmountOutOfRange),
        (Budget(lines=(Line("x" * 81, Money(100_00)),)), rules.TextTooLong),
        (Budget(lines=(Line("Plein", Money(200_000_00)), Line("Park", Money(60_000_00)))), rules.BudgetTooLarge),
        (Budget(lines=(Line("Planten", Money(1_00)),) * 21), rules.TooManyLines),
        (Budget(minimum=Money(0)), rules.MinimumOutOfRange),
        (Budget(lines=(Line("Planten", Money(100_00)),), minimum=Money(100_01)), rules.MinimumAboveTarget),
    ],
)
def test_a_budget_that_cannot_be_right_is_refused(budget: Budget, refusal: type[Invalid]) -> None:
    with pytest.raises(InvalidFields) as caught:
        rules.check_section(budget, today=TODAY)
    assert names(tuple(caught.value.errors)) == [refusal]


@given(budgets)
def test_an_accepted_budget_never_asks_more_than_it_costs(budget: Budget) -> None:
    if rules.section_errors(budget, today=TODAY):
        return
    assert all(line.label and line.amount for line in budget.lines)
    assert budget.target <= rules.LARGEST
    if budget.minimum is not None and budget.lines:
        assert budget.minimum <= budget.target


@given(budgets, budgets.filter(lambda budget: not rules.section_errors(budget, today=TODAY)))
def test_what_is_kept_while_typing_can_always_be_kept(typed: Budget, stored: Budget) -> None:
    kept = rules.without_errors(typed, stored=stored, today=TODAY)
    assert isinstance(kept, Budget)
    # The two halves may still disagree: a kept minimum above a shorter list waits for the next word.
    assert set(names(rules.section_errors(kept, today=TODAY))) <= {rules.MinimumAboveTarget}


@given(st.text(max_size=200))
def test_an_address_is_plain_and_never_empty(title: str) -> None:
    slug = rules.slug_of(title)
    assert slug
    assert len(slug) <= rules.SLUG_LENGTH_MAX
    assert all(letter in "abcdefghijklmnopqrstuvwxyz0123456789-" for letter in slug)
    assert not slug.startswith("-")
    assert not slug.endswith("-")


def test_an_address_reads_like_its_title() -> None:
    assert rules.slug_of("Café aan 't IJ: samen één tuin!") == "cafe-aan-t-ij-samen-een-tuin"


@given(st.text(max_size=300))
def test_cleaned_text_can_be_stored_and_cleaning_again_changes_nothing(text: str) -> None:
    once = rules.clean(text, one_line=False)
    assert "\x00" not in once
    once.encode()
    assert rules.clean(once, one_line=False) == once


def test_a_fingerprint_changes_with_every_word() -> None:
    assert rules.fingerprint(Help("Scheppen")) != rules.fingerprint(Help("Scheppen!"))
    assert rules.fingerprint(Help("Scheppen")) == rules.fingerprint(Help("Scheppen"))
