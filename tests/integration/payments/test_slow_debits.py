"""A bank that takes its time: the decision waits for it, three weeks at most, and what comes later does not count."""

from uuid import UUID

import pytest

from payments.collection.queries import charge
from tests.money import SLOW, SLOW_EMPTY, MoneyWorld


def _live_through(world: MoneyWorld, *, days: int) -> None:
    for _ in range(days):
        world.advance(days=1)
        world.work(rounds=2)


def _let_bank_answer(world: MoneyWorld, pledge: UUID, status: str) -> None:
    with world.database.reading() as session:
        row = charge(session, pledge_id=pledge)
    assert row is not None
    world.sandbox.control.call("POST", f"/_sandbox/payment_intents/{row.intent_ref}/result", {"status": status})


def test_the_decision_waits_for_a_bank_beyond_the_week(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.debited_pledge(campaign, 50_00, SLOW)
    world.pass_deadline(campaign)
    world.work(rounds=1)
    _live_through(world, days=7)
    world.advance(minutes=30)
    world.work()
    waiting = (world.state_of(pledge), world.state_of_campaign(campaign))
    _live_through(world, days=3)
    assert waiting == ("processing", "collecting")
    assert (world.state_of(pledge), world.state_of_campaign(campaign)) == ("collected", "funded")
    assert world.verdict().balanced


def test_a_bank_that_says_no_after_the_week_ends_the_waiting(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    good, slow = world.pledge(campaign, 30_00), world.debited_pledge(campaign, 20_00, SLOW_EMPTY)
    world.pass_deadline(campaign)
    world.work(rounds=1)
    _live_through(world, days=10)
    assert (world.state_of(slow), world.state_of_campaign(campaign)) == ("dropped", "unfunded")
    assert world.state_of(good) == "refunded"
    assert world.verdict().balanced


@pytest.mark.parametrize(("status", "becomes"), [("succeeded", "refunded"), ("failed", "dropped")])
def test_after_three_weeks_it_is_decided_without_that_bank(world: MoneyWorld, status: str, becomes: str) -> None:
    campaign = world.campaign(50_00)
    counted, slow = world.pledge(campaign, 50_00), world.debited_pledge(campaign, 20_00, SLOW)
    world.pass_deadline(campaign)
    world.work(rounds=1)
    _live_through(world, days=3)
    # Only our clock moves on: this bank never answers by itself.
    world.skip(days=17, hours=23)
    world.work(rounds=1)
    before = world.state_of_campaign(campaign)
    world.skip(hours=1, minutes=30)
    world.work(rounds=1)
    decided = (world.state_of_campaign(campaign), world.state_of(counted), world.state_of(slow))
    assert world.verdict().findings == ()
    world.skip(minutes=1)
    _let_bank_answer(world, slow, status)
    world.work()
    assert (before, decided) == ("collecting", ("funded", "collected", "processing"))
    assert (world.state_of(slow), world.state_of(counted)) == (becomes, "collected")
    assert world.verdict().balanced
