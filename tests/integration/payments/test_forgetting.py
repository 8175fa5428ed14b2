"""What we know of donors beyond what the books need is forgotten after its term, and not before."""

from datetime import timedelta

from sqlalchemy import select, update

from crowd.cofunding.forgetting_operations import forget_fingerprints
from crowd.cofunding.models import Reservation
from crowd.shared.clock import local_date, local_midnight
from payments.bank.forgetting_operations import forget_accounts, forget_households
from payments.bank.forgetting_rules import FORGOTTEN, accounts_before, households_before
from payments.bank.models import BankReturn, Deposit
from payments.collection.models import ReplacedMethod
from payments.collection.queries import saved_method
from payments.collection.workflow import forget_unneeded_cards, open_checkout
from tests.gifts import DONORS_ACCOUNT, take_cash, withdraw_and_give_back
from tests.money import ADDRESSES, GOOD, MoneyWorld


def test_a_replaced_card_is_forgotten_at_the_provider_and_the_new_one_is_charged(world: MoneyWorld) -> None:
    campaign = world.campaign(25_00)
    pledge = world.pledge(campaign)
    with world.database.reading() as session:
        first = saved_method(session, pledge_id=pledge)
    url = open_checkout(
        world.database, world.gateway, pledge_id=pledge, addresses=ADDRESSES, now=world.now, is_other_card=True
    )
    world.choose_card(url, GOOD)
    world.work(rounds=1)
    for _ in range(2):
        forget_unneeded_cards(world.database, world.gateway, machine_now=world.now, now=world.now)
    with world.database.reading() as session:
        now_saved = saved_method(session, pledge_id=pledge)
        (replaced,) = session.scalars(select(ReplacedMethod)).all()
    assert first is not None
    assert now_saved is not None
    assert (replaced.method_ref, replaced.detached_at, now_saved.detached_at) == (first.method_ref, world.now, None)
    kept = world.sandbox.client().v1.payment_methods.list({"customer": now_saved.customer_ref, "type": "card"})
    assert [method.id for method in kept.data] == [now_saved.method_ref]
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(pledge) == "collected"


def test_households_go_a_year_after_the_campaign_and_accounts_after_seven_calendar_years(world: MoneyWorld) -> None:
    campaign, live = world.campaign(20_00), world.campaign(99_00, days=800)
    world.award_match(campaign, up_to_cents=5_00)
    cash, gone = take_cash(world, campaign, 20_00), take_cash(world, live, 5_00)
    running = take_cash(world, live, 9_00)
    withdraw_and_give_back(world, gone)
    world.pass_deadline(campaign)
    world.work()
    world.now += timedelta(days=360)
    assert _forget(world) == (0, 0, 0)
    world.now += timedelta(days=10)
    assert _forget(world) == (1, 1, 0)
    with world.database.reading() as session:
        homes = {row.pledge_id: row.household for row in session.execute(select(Deposit.pledge_id, Deposit.household))}
        ended = select(Reservation.card_fingerprint).where(Reservation.initiative_id == campaign)
        assert set(session.scalars(ended)) == {""}
        assert session.scalars(select(BankReturn.account_iban)).one() == DONORS_ACCOUNT
    assert (homes[cash], bool(homes[running])) == ("", True)
    with world.database.transaction() as session:
        session.execute(update(BankReturn).values(paid_at=world.now - timedelta(days=8 * 366)))
    assert _forget(world) == (0, 0, 1)
    with world.database.reading() as session:
        assert session.scalars(select(BankReturn.account_iban)).one() == FORGOTTEN
    assert world.verdict().findings == ()


def _forget(world: MoneyWorld) -> tuple[int, int, int]:
    before = households_before(now=world.now, days=365)
    with world.database.transaction() as session:
        return (
            forget_fingerprints(session, ended_before=before),
            forget_households(session, ended_before=before),
            forget_accounts(session, paid_before=local_midnight(accounts_before(today=local_date(world.now), years=7))),
        )
