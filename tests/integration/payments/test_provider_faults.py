"""Whatever the provider or the network does, a pledge is charged at most once and nothing is lost (I1, I3)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from crowd.shared.clock import machine_now
from payments.collection.models import SavedMethod
from payments.collection.workflow import finish_latest_checkout, open_checkout
from payments.inbox.operations import store_events
from payments.inbox.workflow import handle_events, sweep_checkouts
from payments.provider import Event, OutcomeUnknown
from tests.depth import deep
from tests.money import ADDRESSES, GOOD, MoneyWorld

CALLS = ("payment_intents.create", "payment_intents.confirm")
FAULTS = ("drop_before", "drop_after", "server_error", "rate_limit")


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("times", deep(sample=(1,), full=(1, 2, 3)))
def test_a_charge_survives_a_fault_at_each_call(world: MoneyWorld, operation: str, fault: str, times: int) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.sandbox.control.fault(fault, operation=operation, count=times)
    for _ in range(times + 2):
        world.work(rounds=1)
        world.end_leases()
    assert world.state_of(pledge) == "collected"
    assert world.charges_at_provider(pledge) == 1
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_work_that_was_done_although_it_answered_500_is_not_done_again(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.sandbox.control.fault("server_error", operation="payment_intents.confirm", executed=True)
    for _ in range(3):
        world.work(rounds=1)
        world.end_leases()
    world.advance(minutes=11)
    world.work()
    assert world.charges_at_provider(pledge) == 1
    assert world.state_of(pledge) == "collected"
    assert world.verdict().balanced


def test_an_answer_lost_for_more_than_a_day_is_looked_up_and_not_sent_again(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.sandbox.control.fault("drop_after", operation="payment_intents.confirm")
    world.work(rounds=1)
    world.advance(hours=25)
    world.end_leases()
    world.work()
    assert world.charges_at_provider(pledge) == 1
    assert world.state_of(pledge) == "collected"
    assert world.verdict().balanced


@pytest.mark.parametrize("operation", ["customers.create", "checkout.sessions.create"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_donor_can_go_on_after_the_payment_page_failed_to_open(world: MoneyWorld, operation: str, fault: str) -> None:
    campaign = world.campaign(50_00)
    pledge = world.promise(campaign, 50_00)
    world.sandbox.control.fault(fault, operation=operation)
    with pytest.raises(OutcomeUnknown):
        open_checkout(world.database, world.gateway, pledge_id=pledge, addresses=ADDRESSES, now=world.now)
    assert world.state_of(pledge) == "promised"
    world.pay(pledge)
    assert world.state_of(pledge) == "secured"


def test_a_donor_who_never_comes_back_is_found_by_the_event(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.promise(campaign, 50_00)
    world.pay(pledge, finish=False)
    assert world.state_of(pledge) == "promised"
    world.work(rounds=1)
    assert world.state_of(pledge) == "secured"


def test_events_handled_twice_and_backwards_change_nothing(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.work()
    events = world.gateway.events_since(None)
    again = [Event(id=f"{e.id}_again", type=e.type, object_ref=e.object_ref, created=e.created) for e in events]
    with world.database.transaction() as session:
        store_events(session, events=list(reversed(again)))
    while handle_events(world.database, world.gateway, now=world.now, most=50):
        pass
    assert world.state_of(pledge) == "collected"
    assert world.charges_at_provider(pledge) == 1
    assert world.verdict().balanced


def test_an_event_that_cannot_be_handled_is_put_back_and_not_forgotten(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.promise(campaign, 50_00)
    world.pay(pledge, finish=False)
    world.sandbox.control.fault("server_error", operation="checkout.sessions.retrieve", count=2)
    world.work(rounds=1)
    assert world.state_of(pledge) == "promised"
    world.sandbox.control.forget_faults()
    world.end_leases()
    world.work(rounds=1)
    assert world.state_of(pledge) == "secured"


def test_a_refund_whose_reply_was_lost_is_given_once(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    good = world.pledge(campaign, 30_00)
    world.pledge(campaign, 20_00, "4000000000000341")
    world.pass_deadline(campaign)
    world.sandbox.control.fault("drop_after", operation="refunds.create")
    world.live_through_collecting()
    world.end_leases()
    world.work()
    assert world.state_of(good) == "refunded"
    assert world.sandbox.control.summary()["by_metadata"]["pledge_id"][str(good)]["succeeded"]["refunded"] == 30_00
    assert world.verdict().balanced


def test_a_sandbox_that_is_killed_and_started_again_goes_on(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.sandbox.kill()
    world.work(rounds=1)
    world.sandbox.start()
    world.sandbox.control.set_clock(now=int(world.now.timestamp()))
    world.end_leases()
    world.work()
    assert world.state_of(pledge) == "collected"
    assert world.charges_at_provider(pledge) == 1


def test_coming_back_twice_from_the_payment_page_is_coming_back_once(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.promise(campaign, 50_00)
    world.pay(pledge, GOOD)
    finish_latest_checkout(world.database, world.gateway, pledge_id=pledge, now=world.now)
    assert world.state_of(pledge) == "secured"


def test_a_page_we_never_heard_of_again_is_looked_at_by_the_sweep(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    paid, left = world.promise(campaign, 50_00), world.promise(campaign, 10_00)
    world.pay(paid, finish=False)
    open_checkout(world.database, world.gateway, pledge_id=left, addresses=ADDRESSES, now=world.now)
    world.now += timedelta(minutes=11)
    looked_at = [
        sweep_checkouts(
            world.database, world.gateway, machine_now=machine_now() + timedelta(minutes=minute), now=world.now
        )
        for minute in (0, 5, 12)
    ]
    # Both the first time, nothing while it is fresh in memory, and then only the one that is still open.
    assert looked_at == [2, 0, 1]
    assert (world.state_of(paid), world.state_of(left)) == ("secured", "promised")


def test_a_lost_event_is_found_although_a_newer_one_arrived(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    first, second = world.promise(campaign, 25_00), world.promise(campaign, 25_00)
    world.pay(first, finish=False)
    lost = world.gateway.events_since(None)
    world.pay(second, finish=False)
    newer = [event for event in world.gateway.events_since(None) if event not in lost]
    with world.database.transaction() as session:
        store_events(session, events=newer)
    world.work(rounds=1)
    assert (world.state_of(first), world.state_of(second)) == ("secured", "secured")


def test_a_payment_that_the_provider_refuses_to_make_ends_and_its_campaign_goes_on(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge, refused = world.pledge(campaign, 50_00), world.pledge(campaign, 10_00)
    # The provider has forgotten who this donor is, as after somebody cleared its list of customers by hand.
    with world.database.transaction() as session:
        session.execute(
            update(SavedMethod).where(SavedMethod.pledge_id == refused).values(customer_ref="cus_Forgotten12345")
        )
    world.pass_deadline(campaign)

    world.work()

    assert (world.state_of(pledge), world.state_of(refused)) == ("collected", "dropped")
    assert world.mails("pledge.dropped") == [str(refused)]
    assert world.state_of_campaign(campaign) == "funded"
    assert world.charges_at_provider(refused) == 0
    assert world.verdict().balanced
