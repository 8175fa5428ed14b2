"""A donor whose card failed may withdraw: their payment can then never succeed, and the campaign still ends."""

import pytest

from crowd.pledges.rules import PledgeCannotBecome
from crowd.shared.actor import Actor
from payments.collection.queries import charge
from payments.collection.rules import NothingToPay
from payments.collection.workflow import pay_now, withdraw
from tests.money import ASKS_ALWAYS, LOST, MoneyWorld


def _nobody(world: MoneyWorld) -> Actor:
    return Actor(municipality_id=world.municipality_id)


@pytest.mark.parametrize(("card", "state"), [(LOST, "declined"), (ASKS_ALWAYS, "needs_action")])
def test_who_withdraws_after_a_failed_card_is_out_and_the_campaign_is_decided(
    world: MoneyWorld, card: str, state: str
) -> None:
    campaign = world.campaign(20_00)
    world.pledge(campaign, 25_00)
    leaves = world.pledge(campaign, 10_00, card)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(leaves) == state

    for _ in range(2):
        withdraw(world.database, world.gateway, pledge_id=leaves, actor=_nobody(world), now=world.now)
    world.live_through_collecting()

    with world.database.reading() as session:
        row = charge(session, pledge_id=leaves)
    assert row is not None
    assert row.state == "cancelled"
    assert world.state_of(leaves) == "withdrawn"
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_nobody_pays_after_withdrawing(world: MoneyWorld) -> None:
    campaign = world.campaign(20_00)
    world.pledge(campaign, 25_00)
    leaves = world.pledge(campaign, 10_00, ASKS_ALWAYS)
    world.pass_deadline(campaign)
    world.work()
    withdraw(world.database, world.gateway, pledge_id=leaves, actor=_nobody(world), now=world.now)

    with pytest.raises(NothingToPay):
        pay_now(world.database, world.gateway, pledge_id=leaves, return_url="https://loket.example/", now=world.now)


def test_who_paid_at_the_bank_a_moment_before_has_paid(world: MoneyWorld) -> None:
    campaign = world.campaign(20_00)
    world.pledge(campaign, 25_00)
    pays = world.pledge(campaign, 10_00, ASKS_ALWAYS)
    world.pass_deadline(campaign)
    world.work()
    bank = pay_now(
        world.database, world.gateway, pledge_id=pays, return_url="https://loket.example/terug", now=world.now
    )
    assert bank is not None
    world.say_yes(bank)

    with pytest.raises(PledgeCannotBecome):
        withdraw(world.database, world.gateway, pledge_id=pays, actor=_nobody(world), now=world.now)

    assert world.state_of(pays) == "collected"
    assert world.verdict().balanced
