"""The month that is planned: the same for the same seed, and shaped as life is."""

from collections import Counter

import pytest

from frontend.simulation.cards import CARDS, Trouble
from frontend.simulation.plan import ROUNDS, Answer, Campaign, Gift, Plan, make_plan

CAMPAIGNS = tuple(
    Campaign(f"V-{number}", 200_00 + 137_00 * (number * number % 89), f"Stichting {number % 40}")
    for number in range(1, 121)
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(CAMPAIGNS, donors=1000, volunteers=200, seed=7)


def _all(plan: Plan) -> list[Gift]:
    return [gift for gifts in plan.gifts for gift in gifts]


def test_the_same_seed_decides_the_same_and_another_does_not(plan: Plan) -> None:
    assert make_plan(CAMPAIGNS, donors=1000, volunteers=200, seed=7) == plan
    assert make_plan(CAMPAIGNS, donors=1000, volunteers=200, seed=8) != plan


def test_volunteers_do_not_change_what_donors_do(plan: Plan) -> None:
    assert make_plan(CAMPAIGNS, donors=1000, volunteers=0, seed=7).gifts == plan.gifts


def test_every_donor_gives_and_many_give_more_than_once(plan: Plan) -> None:
    gifts = Counter(gift.donor for gift in _all(plan))
    assert len(gifts) == 1000
    assert len(plan.gifts) == ROUNDS
    assert sum(count > 1 for count in gifts.values()) > 500


def test_a_few_campaigns_draw_most_and_many_draw_little(plan: Plan) -> None:
    drawn = sorted(Counter(gift.campaign for gift in _all(plan)).values(), reverse=True)
    assert sum(drawn[:12]) > sum(drawn[60:])


def test_no_gift_is_larger_than_what_is_asked_unless_that_is_tiny(plan: Plan) -> None:
    asked = {one.key: one.minimum_cents for one in CAMPAIGNS}
    assert all(gift.cents <= max(asked[gift.campaign], 5_00) for gift in _all(plan))
    assert {10_00, 25_00, 50_00, 100_00} <= {gift.cents for gift in _all(plan)}


def test_everything_that_can_happen_to_a_gift_happens_to_some(plan: Plan) -> None:
    gifts = _all(plan)
    assert {gift.card.trouble for gift in gifts} == set(Trouble)
    assert {gift.answer for gift in gifts} == set(Answer)
    for happens in (
        any(gift.leaves for gift in gifts),
        any(gift.withdraws_on is not None for gift in gifts),
        any(not gift.confirms for gift in gifts),
    ):
        assert happens


def test_a_gift_is_taken_back_later_than_it_is_given(plan: Plan) -> None:
    for turn, gifts in enumerate(plan.gifts):
        assert all(gift.withdraws_on is None or turn < gift.withdraws_on < ROUNDS for gift in gifts)


def test_a_thousand_cards_are_shared_out() -> None:
    assert sum(card.share for card in CARDS) == 1000


def test_an_organisation_answers_for_all_it_asked_or_for_nothing(plan: Plan) -> None:
    by_organisation: dict[str, set[bool]] = {}
    for one in CAMPAIGNS:
        by_organisation.setdefault(one.organisation, set()).add(one.key in plan.claimed)
    assert all(len(answers) == 1 for answers in by_organisation.values())
    assert set(plan.shifts) <= plan.claimed


def test_where_nobody_asks_nobody_gives() -> None:
    empty = make_plan((), donors=10, volunteers=3, seed=7)
    assert _all(empty) == []
    assert len(empty.volunteers) == 3
