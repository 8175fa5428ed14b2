"""A donor who changes card and amount before the deadline is charged the last amount, once, on the last card."""

import pytest

from crowd.cofunding.change_operations import change_gift
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.collection.queries import saved_method
from payments.collection.rules import NothingToPay
from payments.collection.workflow import finish_latest_checkout, open_checkout
from tests.money import ADDRESSES, DECLINED_WHEN_CHARGED, GOOD, MoneyWorld


def test_the_last_amount_is_charged_once_on_the_last_card(world: MoneyWorld) -> None:
    campaign = world.campaign(40_00)
    pledge_id = world.pledge(campaign, 25_00, DECLINED_WHEN_CHARGED)

    url = open_checkout(
        world.database, world.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=world.now, is_other_card=True
    )
    world.choose_card(url, GOOD)
    for _ in range(2):
        finish_latest_checkout(world.database, world.gateway, pledge_id=pledge_id, now=world.now)
    with world.database.transaction() as session:
        change_gift(
            session,
            pledge_id=pledge_id,
            was=Money(25_00),
            amount=Money(40_00),
            actor=Actor(municipality_id=world.municipality_id),
            now=world.now,
        )
    world.pass_deadline(campaign)
    world.work()

    assert world.state_of(pledge_id) == "collected"
    [payment] = [payment for payment in world.gateway.payments() if payment.pledge_id == str(pledge_id)]
    assert (payment.status, payment.amount_cents) == ("succeeded", 40_00)
    assert world.verdict().balanced


def test_the_card_is_kept_when_the_donor_leaves_the_payment_page(world: MoneyWorld) -> None:
    campaign = world.campaign(25_00)
    pledge_id = world.pledge(campaign)

    open_checkout(
        world.database, world.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=world.now, is_other_card=True
    )
    world.advance(days=2)
    finish_latest_checkout(world.database, world.gateway, pledge_id=pledge_id, now=world.now)

    with world.database.reading() as session:
        method = saved_method(session, pledge_id=pledge_id)
        assert pledge_row(session, pledge_id=pledge_id).state == "secured"
    assert method is not None
    assert (method.last4, method.detached_at) == ("4242", None)


@pytest.mark.parametrize("is_other_card", [False, True])
def test_after_the_deadline_no_other_card_is_asked_for(world: MoneyWorld, *, is_other_card: bool) -> None:
    campaign = world.campaign(25_00)
    pledge_id = world.pledge(campaign)
    world.pass_deadline(campaign)

    with pytest.raises(NothingToPay):
        open_checkout(
            world.database,
            world.gateway,
            pledge_id=pledge_id,
            addresses=ADDRESSES,
            now=world.now,
            is_other_card=is_other_card,
        )


def test_opening_the_payment_page_again_asks_no_other_card(world: MoneyWorld) -> None:
    pledge_id = world.pledge(world.campaign(25_00))
    with pytest.raises(NothingToPay):
        open_checkout(world.database, world.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=world.now)
