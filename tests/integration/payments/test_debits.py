"""A gift from a bank account: by iDEAL or by its number, announced, debited in days, refused, tried again."""

from uuid import UUID

import pytest

from crowd.cofunding.change_operations import change_gift
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields
from crowd.shared.money import Money
from payments.collection import card_operations as cards
from payments.collection.queries import charge, latest_checkout, saved_method
from payments.collection.rules import TooMuchForAnAccount
from payments.collection.workflow import finish_latest_checkout, open_checkout, pay_now
from tests.money import ADDRESSES, DECLINED_TWICE, EMPTY_ONCE, FAILS, GOOD_ACCOUNT, LOST, NOT_AUTHORIZED, MoneyWorld


@pytest.mark.parametrize(("by_ideal", "way"), [(True, "ideal"), (False, "sepa_debit")])
def test_a_bank_account_is_saved_with_its_mandate(world: MoneyWorld, *, by_ideal: bool, way: str) -> None:
    pledge = world.promise(world.campaign(50_00), 50_00)
    world.pay_from_account(pledge, by_ideal=by_ideal)
    with world.database.reading() as session:
        method = saved_method(session, pledge_id=pledge)
        row = pledge_row(session, pledge_id=pledge)
    assert method is not None
    assert (row.state, row.way) == ("secured", way)
    assert (method.kind, method.last4) == ("sepa_debit", GOOD_ACCOUNT[-4:])
    assert method.mandate_reference.startswith("ZANDBAK")
    assert "/mandate/" in method.mandate_url
    assert method.fingerprint


def test_one_account_is_known_again_however_it_was_given(world: MoneyWorld) -> None:
    campaign = world.campaign(90_00)
    pledges = [world.promise(campaign, 10_00) for _ in range(2)]
    with world.sandbox.browser() as browser:
        for pledge in pledges:
            url = open_checkout(world.database, world.gateway, pledge_id=pledge, addresses=ADDRESSES, now=world.now)
            answer = browser.post(url, data={"iban": GOOD_ACCOUNT, "name": "A. Voorbeeld"})
            assert answer.status_code == 303
            finish_latest_checkout(world.database, world.gateway, pledge_id=pledge, now=world.now)
    with world.database.reading() as session:
        methods = [saved_method(session, pledge_id=pledge) for pledge in pledges]
    assert len({method.fingerprint for method in methods if method is not None}) == 1


def test_above_the_limit_only_a_card_is_offered(world: MoneyWorld) -> None:
    pledge = world.promise(world.campaign(50_00), 1_000_01)
    url = open_checkout(world.database, world.gateway, pledge_id=pledge, addresses=ADDRESSES, now=world.now)
    with world.sandbox.browser() as browser:
        refused = browser.post(url, data={"test_iban": GOOD_ACCOUNT})
    assert refused.status_code == 400
    world.pay(pledge)
    assert world.state_of(pledge) == "secured"


def test_an_account_for_more_than_may_be_debited_is_refused_and_forgotten(world: MoneyWorld) -> None:
    pledge = world.promise(world.campaign(50_00), 500_00)
    url = open_checkout(world.database, world.gateway, pledge_id=pledge, addresses=ADDRESSES, now=world.now)
    with world.database.transaction() as session:
        actor = Actor(municipality_id=world.municipality_id)
        cards.set_debit_terms(
            session,
            municipality_id=world.municipality_id,
            limit=Money(100_00),
            held_days=56,
            actor=actor,
            now=world.now,
        )
    with world.sandbox.browser() as browser:
        assert browser.post(url, data={"test_iban": GOOD_ACCOUNT}).status_code == 303
    finish_latest_checkout(world.database, world.gateway, pledge_id=pledge, now=world.now)
    with world.database.reading() as session:
        page, method = latest_checkout(session, pledge_id=pledge), saved_method(session, pledge_id=pledge)
    assert page is not None
    assert (page.state, method, world.state_of(pledge)) == ("refused", None, "promised")
    world.pay(pledge)
    assert world.state_of(pledge) == "secured"


def test_a_debit_is_announced_then_on_its_way_then_collected(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.debited_pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.work()
    announced = world.mails("pledge.debit_announced")
    before = world.state_of(pledge)
    world.advance(days=2, minutes=1)
    world.work()
    world.advance(days=1)
    world.work()
    assert (len(announced), before) == (1, "charging")
    assert world.state_of(pledge) == "collected"
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_a_debit_that_failed_for_want_of_money_is_announced_and_tried_again(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.debited_pledge(campaign, 50_00, EMPTY_ONCE)
    world.pass_deadline(campaign)
    world.live_through_collecting()
    assert world.state_of(pledge) == "collected"
    assert len(world.mails("pledge.debit_announced")) == 2
    assert world.verdict().balanced


def test_a_debit_its_holder_forbade_is_never_tried_again(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 50_00)
    pledge = world.debited_pledge(campaign, 20_00, NOT_AUTHORIZED)
    world.pass_deadline(campaign)
    world.live_through_collecting()
    with world.database.reading() as session:
        row = charge(session, pledge_id=pledge)
    assert row is not None
    assert (row.confirm_number, row.decline_code, world.state_of(pledge)) == (1, "debit_not_authorized", "dropped")
    assert world.state_of_campaign(campaign) == "funded"


def test_who_replaces_a_card_by_an_account_while_collecting_is_told_of_the_debit_first(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.debited_pledge(campaign, 50_00, FAILS)
    world.pass_deadline(campaign)
    world.work()
    world.advance(days=2, minutes=1)
    world.work()
    world.advance(minutes=5)
    world.work()
    failed = world.state_of(pledge)
    world.pay_from_account(pledge, by_ideal=True)
    world.work()
    waiting = world.state_of(pledge)
    world.advance(days=2, minutes=1)
    world.work()
    world.advance(minutes=5)
    world.work()
    assert (failed, waiting, world.state_of(pledge)) == ("declined", "declined", "collected")
    assert world.charges_at_provider(pledge) == 1
    assert world.verdict().balanced


def _choose_ideal(world: MoneyWorld, pledge: UUID) -> str:
    bank = pay_now(
        world.database, world.gateway, pledge_id=pledge, return_url=ADDRESSES.success_url, now=world.now, by_ideal=True
    )
    assert bank is not None
    return bank


def _answer(world: MoneyWorld, bank: str, outcome: str) -> None:
    with world.sandbox.browser() as browser:
        assert browser.post(bank, data={"outcome": outcome}).status_code == 303


def test_a_donor_whose_card_failed_can_pay_by_ideal_instead(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00, LOST)
    world.pass_deadline(campaign)
    world.work()
    _answer(world, _choose_ideal(world, pledge), "complete")
    world.look_at_payment(pledge)
    with world.database.reading() as session:
        row = pledge_row(session, pledge_id=pledge)
    world.work()
    assert (row.state, row.way) == ("collected", "ideal")
    assert world.state_of_campaign(campaign) == "funded"
    assert world.charges_at_provider(pledge) == 1
    assert world.verdict().balanced


@pytest.mark.parametrize("outcome", ["cancel", "fail"])
@pytest.mark.parametrize(("card", "is_tried"), [(LOST, False), (DECLINED_TWICE, True)])
def test_giving_up_at_ideal_leaves_the_card_as_it_was(
    world: MoneyWorld, *, outcome: str, card: str, is_tried: bool
) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 50_00)
    pledge = world.pledge(campaign, 20_00, card)
    world.pass_deadline(campaign)
    world.work()
    _answer(world, _choose_ideal(world, pledge), outcome)
    world.look_at_payment(pledge)
    with world.database.reading() as session:
        row = charge(session, pledge_id=pledge)
    assert row is not None
    assert (row.state, row.next_attempt_at is not None) == ("declined", is_tried)
    world.live_through_collecting()
    assert world.state_of(pledge) == ("collected" if is_tried else "dropped")
    assert world.verdict().balanced


def _promise_more(world: MoneyWorld, pledge: UUID, *, to: Money) -> None:
    actor = Actor(municipality_id=world.municipality_id)
    with world.database.transaction() as session:
        changed = change_gift(session, pledge_id=pledge, was=Money(100_00), amount=to, actor=actor, now=world.now)
        cards.check_new_amount(session, pledge=changed)


def test_a_new_amount_above_the_limit_of_an_account_is_refused(world: MoneyWorld) -> None:
    pledge = world.debited_pledge(world.campaign(50_00), 100_00)
    with pytest.raises(InvalidFields) as refused:
        _promise_more(world, pledge, to=Money(1_000_01))
    assert [type(error) for error in refused.value.errors] == [TooMuchForAnAccount]
    with world.database.reading() as session:
        assert pledge_row(session, pledge_id=pledge).amount_cents == 100_00
