"""What settlement may not spend: calls to the provider that say nothing new, and waiting that helps nobody."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from crowd.shared.clock import machine_now
from payments.collection.charge_operations import ASK_AGAIN_SECONDS
from payments.collection.models import Charge
from payments.gateway import Gateway
from payments.inbox.operations import store_events
from payments.inbox.workflow import handle_events
from payments.provider import Event
from tests.money import MoneyWorld
from tests.sandbox_process import API_KEY, running_sandbox

# One more than fits on a page of the provider's list.
_PAYMENTS = 101


def test_an_event_about_a_charge_that_is_final_asks_the_provider_nothing(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.work()
    with world.database.transaction() as session:
        intent_ref = session.execute(select(Charge.intent_ref).where(Charge.pledge_id == pledge)).scalar_one()
        told = Event(id="evt_1", type="payment_intent.succeeded", object_ref=str(intent_ref), created=1)
        store_events(session, events=[told])
    world.sandbox.control.fault("drop_before", operation="payment_intents.retrieve")

    handle_events(world.database, world.gateway, now=world.now, most=50)

    assert len(world.sandbox.control.planned_faults()) == 1
    assert handle_events(world.database, world.gateway, now=world.now, most=50) == 0
    assert world.state_of(pledge) == "collected"


def test_a_charge_whose_outcome_is_unknown_is_asked_for_again_within_seconds(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.sandbox.control.fault("drop_after", operation="payment_intents.confirm")

    world.work(rounds=1)

    with world.database.reading() as session:
        leased_until = session.execute(select(Charge.leased_until).where(Charge.pledge_id == pledge)).scalar_one()
    assert leased_until is not None
    assert leased_until <= machine_now() + timedelta(seconds=ASK_AGAIN_SECONDS)


def test_each_page_of_a_list_waits_for_its_turn_and_none_is_read_in_vain(tmp_path: Path) -> None:
    turns: list[str] = []
    with running_sandbox(tmp_path) as sandbox:
        client = sandbox.client()
        customer = client.v1.customers.create({})
        method = client.v1.payment_methods.attach("pm_card_bypassPending", {"customer": customer.id})
        charges = [
            client.v1.payment_intents.create(
                {
                    "amount": 100,
                    "currency": "eur",
                    "customer": customer.id,
                    "payment_method": method.id,
                    "confirm": True,
                    "off_session": True,
                }
            ).latest_charge
            for _ in range(_PAYMENTS)
        ]
        sandbox.control.advance(5)
        gateway = Gateway(api_key=API_KEY, api_base=sandbox.base_url, wait_for_turn=turns.append)
        first, last = str(charges[0]), str(charges[-1])

        newest = gateway.movements_of_charges([last], since=0)
        needed_for_newest = len(turns)
        oldest = gateway.movements_of_charges([first], since=0)
        needed_for_oldest = len(turns) - needed_for_newest
        named = gateway.movement_of_charge(first)
        everything = gateway.balance_movements(since=0)
        gateway.close()

    assert [movement.source_ref for movement in newest] == [last]
    assert [movement.source_ref for movement in oldest] == [first]
    assert named in oldest
    assert (needed_for_newest, needed_for_oldest, len(turns)) == (1, 2, 6)
    assert [movement.source_ref for movement in everything].count(first) == 1
    assert len(everything) == _PAYMENTS
