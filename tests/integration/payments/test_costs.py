"""What the provider keeps of a payment is booked, whatever it was paid with and however late we heard of it."""

import pytest
from sqlalchemy import func, select

from payments.books.rules import CLEARING_IS_BALANCE
from payments.ledger.models import Transfer
from tests.money import GOOD_ACCOUNT, SLOW, MoneyWorld


def _costs(world: MoneyWorld) -> int:
    with world.database.reading() as session:
        return session.scalar(select(func.sum(Transfer.amount_cents)).where(Transfer.kind == "fee")) or 0


@pytest.mark.parametrize("account", [GOOD_ACCOUNT, SLOW], ids=["in time", "heard of after days"])
def test_the_cost_of_a_debit_is_booked_and_the_balance_compared(world: MoneyWorld, account: str) -> None:
    campaign = world.campaign(25_00)
    pledge = world.debited_pledge(campaign, 25_00, account)
    world.pass_deadline(campaign)
    world.work(rounds=1)
    # The debit was announced; then the bank takes its time, and nobody tells us that it paid.
    for days in (3, 8):
        world.advance(days=days)
        world.work()
    assert world.state_of(pledge) == "collected"
    world.advance(hours=2)
    verdict = world.verdict()
    assert _costs(world) == 35
    assert verdict.balanced
    assert CLEARING_IS_BALANCE in verdict.asked


def test_the_cost_of_a_card_we_heard_of_late_is_booked(world: MoneyWorld) -> None:
    campaign = world.campaign(25_00)
    world.pledge(campaign)
    world.pass_deadline(campaign)
    world.sandbox.control.fault("drop_after", operation="payment_intents.confirm")
    world.work(rounds=1)
    # Silence of a day and a half: the key is spent, so the payment is only found by looking.
    world.advance(hours=36)
    world.end_leases()
    world.work()
    world.advance(hours=2)
    assert world.verdict().balanced
    assert _costs(world) > 0
