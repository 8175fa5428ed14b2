"""The match arithmetic: every bound holds, the one that is named decides, and nothing is counted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.cofunding.rules import (
    NOT_ELIGIBLE,
    SENTENCES,
    Bound,
    CountedPledge,
    Match,
    MatchRule,
    Room,
    campaign_bound,
    eligibility,
    match_all,
    match_for,
    potential,
    recompute,
)
from crowd.shared.money import ZERO, Money

cents = st.integers(min_value=0, max_value=20_000_00).map(Money)
rooms = st.builds(
    Room,
    donor=cents,
    project=cents,
    goal=st.integers(min_value=-5_000_00, max_value=20_000_00).map(Money),
    pot=cents,
    award=st.none() | cents,
)
ratios = st.integers(min_value=1, max_value=1000)
rules = st.builds(
    MatchRule,
    ratio_percent=ratios,
    donor_cap=st.integers(min_value=1, max_value=500_00).map(Money),
    project_cap=st.integers(min_value=1, max_value=5_000_00).map(Money),
    award=st.none() | st.integers(min_value=0, max_value=5_000_00).map(Money),
)
pledges = st.lists(
    st.builds(
        CountedPledge,
        donor=st.integers(min_value=1, max_value=6),
        amount=st.integers(min_value=1, max_value=900_00).map(Money),
        refused=st.sampled_from([None, None, None, *sorted(NOT_ELIGIBLE)]),
    ),
    max_size=25,
)
goals = st.integers(min_value=1, max_value=12_000_00).map(Money)

ONE_TO_ONE = MatchRule(ratio_percent=100, donor_cap=Money(250_00), project_cap=Money(5_000_00))


def limits(*, pledge: Money, ratio: int, room: Room) -> dict[Bound, int]:
    found = {
        Bound.RATIO: pledge.cents * ratio // 100,
        Bound.DONOR_CAP: room.donor.cents,
        Bound.PROJECT_CAP: room.project.cents,
        Bound.GOAL: room.goal.cents,
        Bound.POT: room.pot.cents,
    }
    return found if room.award is None else found | {Bound.AWARD: room.award.cents}


def gift(euros: int, *, donor: int, refused: Bound | None = None) -> CountedPledge:
    return CountedPledge(donor=donor, amount=Money(euros * 100), refused=refused)


@given(cents, ratios, rooms)
def test_the_match_is_the_smallest_bound_and_names_it(pledge: Money, ratio: int, room: Room) -> None:
    match = match_for(pledge=pledge, ratio_percent=ratio, room=room)
    every = limits(pledge=pledge, ratio=ratio, room=room)
    assert match.amount.cents == max(0, min(every.values()))
    assert max(0, every[match.bound]) == match.amount.cents


@given(cents, cents, ratios, rooms)
def test_giving_more_is_never_matched_less(pledge: Money, more: Money, ratio: int, room: Room) -> None:
    small = match_for(pledge=pledge, ratio_percent=ratio, room=room)
    large = match_for(pledge=pledge + more, ratio_percent=ratio, room=room)
    assert small.amount <= large.amount


@given(cents, ratios, rooms, st.sampled_from(sorted(NOT_ELIGIBLE)))
def test_whoever_may_not_be_matched_gets_nothing_with_the_reason(
    pledge: Money, ratio: int, room: Room, reason: Bound
) -> None:
    assert match_for(pledge=pledge, ratio_percent=ratio, room=room, refused=reason) == Match(ZERO, reason)


@given(pledges, rules, goals, cents)
def test_together_they_stay_within_every_cap(
    given_: list[CountedPledge], rule: MatchRule, goal: Money, pot: Money
) -> None:
    matches = match_all(pledges=given_, rule=rule, goal=goal, pot=pot)
    matched = Money.total(match.amount for match in matches)
    assert len(matches) == len(given_)
    assert matched <= min(pot, rule.project_cap)
    assert rule.award is None or matched <= rule.award
    for donor in {pledge.donor for pledge in given_}:
        own = [match.amount for pledge, match in zip(given_, matches, strict=True) if pledge.donor == donor]
        assert Money.total(own) <= rule.donor_cap
    for pledge, match in zip(given_, matches, strict=True):
        assert match.amount.cents <= pledge.amount.cents * rule.ratio_percent // 100
        assert pledge.refused is None or match == Match(ZERO, pledge.refused)


@given(pledges, rules, goals, cents)
def test_the_municipality_never_lifts_a_campaign_above_its_goal(
    given_: list[CountedPledge], rule: MatchRule, goal: Money, pot: Money
) -> None:
    matches = match_all(pledges=given_, rule=rule, goal=goal, pot=pot)
    raised = ZERO
    for pledge, match in zip(given_, matches, strict=True):
        raised += pledge.amount + match.amount
        assert not match.amount or raised <= goal


@given(pledges, rules, goals, cents, st.data())
def test_a_gift_that_fails_never_makes_the_campaign_richer(
    given_: list[CountedPledge], rule: MatchRule, goal: Money, pot: Money, data: st.DataObject
) -> None:
    if not given_:
        return
    failed = data.draw(st.integers(min_value=0, max_value=len(given_) - 1))
    rest = given_[:failed] + given_[failed + 1 :]

    def raised(some: list[CountedPledge]) -> Money:
        matches = match_all(pledges=some, rule=rule, goal=goal, pot=pot)
        return Money.total([pledge.amount for pledge in some] + [match.amount for match in matches])

    assert raised(rest) <= raised(given_)


@given(pledges, rules, goals, cents, cents)
def test_what_is_recomputed_is_never_above_the_reservation_nor_the_award(
    given_: list[CountedPledge], rule: MatchRule, goal: Money, reservation: Money, award: Money
) -> None:
    final = recompute(pledges=given_, rule=rule, goal=goal, reservation=reservation, award=award)
    assert ZERO <= final <= min(reservation, award)


@given(pledges, rules, goals, cents)
def test_when_every_card_works_the_recomputed_match_is_what_was_reserved(
    given_: list[CountedPledge], rule: MatchRule, goal: Money, pot: Money
) -> None:
    reserved = Money.total(match.amount for match in match_all(pledges=given_, rule=rule, goal=goal, pot=pot))
    final = recompute(pledges=given_, rule=rule, goal=goal, reservation=reserved, award=rule.project_cap)
    assert final == reserved


@given(rules, goals, cents, pledges)
def test_no_campaign_is_matched_above_its_potential(
    rule: MatchRule, goal: Money, pot: Money, given_: list[CountedPledge]
) -> None:
    matched = Money.total(match.amount for match in match_all(pledges=given_, rule=rule, goal=goal, pot=pot))
    assert matched <= potential(rule=rule, goal=goal, pot_left=pot).amount


def test_what_a_failed_card_leaves_goes_to_a_gift_that_had_been_matched_short() -> None:
    early = [gift(250, donor=number) for number in range(20)]
    late = [gift(250, donor=number) for number in range(20, 24)]
    goal = Money(10_000_00)
    assert recompute(
        pledges=early[4:] + late, rule=ONE_TO_ONE, goal=goal, reservation=Money(5_000_00), award=Money(5_000_00)
    ) == Money(5_000_00)


def test_a_goal_of_ten_thousand_at_one_to_one_falls_short_by_twice_what_the_cards_do() -> None:
    collected = [gift(240, donor=number) for number in range(20)]
    final = recompute(
        pledges=collected,
        rule=ONE_TO_ONE,
        goal=Money(10_000_00),
        reservation=Money(5_000_00),
        award=Money(5_000_00),
    )
    assert final == Money(4_800_00)


@pytest.mark.parametrize(
    ("ratio", "goal", "pot", "amount", "bound"),
    [
        (100, 1_000_00, 9_000_00, 500_00, Bound.RATIO),
        (50, 900_00, 9_000_00, 300_00, Bound.RATIO),
        (100, 40_000_00, 90_000_00, 5_000_00, Bound.PROJECT_CAP),
        (100, 1_000_00, 120_00, 120_00, Bound.POT),
        (100, 1_000_00, 0, 0, Bound.POT),
    ],
)
def test_the_potential_says_how_much_and_why_not_more(
    ratio: int, goal: int, pot: int, amount: int, bound: Bound
) -> None:
    rule = MatchRule(ratio_percent=ratio, donor_cap=Money(250_00), project_cap=Money(5_000_00))
    assert potential(rule=rule, goal=Money(goal), pot_left=Money(pot)) == Match(Money(amount), bound)


@pytest.mark.parametrize(
    ("matched", "award", "gap", "pot", "bounds", "expected"),
    [
        (100, None, 1, 1, [Bound.RATIO], Bound.RATIO),
        (100, None, 1, 1, [Bound.RATIO, Bound.DONOR_CAP], Bound.DONOR_CAP),
        (100, None, 1, 0, [Bound.RATIO], Bound.POT),
        (100, None, 0, 0, [Bound.RATIO], Bound.GOAL),
        (5_000_00, None, 9, 9, [Bound.RATIO], Bound.PROJECT_CAP),
        (100, 100, 9, 9, [Bound.RATIO], Bound.AWARD),
        (0, 0, 9, 9, [Bound.RATIO], Bound.REFUSED),
    ],
)
def test_a_campaign_says_what_keeps_its_match_from_being_more(
    matched: int, award: int | None, gap: int, pot: int, bounds: list[Bound], expected: Bound
) -> None:
    rule = MatchRule(
        ratio_percent=100,
        donor_cap=Money(250_00),
        project_cap=Money(5_000_00),
        award=None if award is None else Money(award),
    )
    bound = campaign_bound(bounds=bounds, matched=Money(matched), rule=rule, goal_gap=Money(gap), pot_left=Money(pot))
    assert bound is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"is_confirmed": False}, Bound.NOT_CONFIRMED),
        ({"is_confirmed": False, "card_of_another": True}, Bound.SAME_CARD),
        ({"is_of_the_team": True, "card_of_another": True}, Bound.INITIATOR_OR_TEAM),
        ({"is_refused": True, "is_of_the_team": True}, Bound.REFUSED),
    ],
)
def test_the_reason_that_lasts_is_named_before_the_one_that_can_be_mended(
    facts: dict[str, bool], expected: Bound | None
) -> None:
    usual = {"is_confirmed": True, "is_of_the_team": False, "card_of_another": False, "is_refused": False}
    assert eligibility(**(usual | facts)) is expected


def test_every_bound_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Bound)
