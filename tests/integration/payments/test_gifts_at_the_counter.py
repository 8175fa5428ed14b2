"""Gifts in cash and by transfer: counted when the money is here, collected without the provider, given back by bank."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.accounts.models import Person
from crowd.closing.cancel_operations import cancel_campaign
from crowd.cofunding.models import Reservation
from crowd.pledges.models import Pledge
from crowd.pledges.rules import CampaignNotOpen, PledgeIdTaken
from crowd.shared.actor import Channel
from crowd.shared.errors import InvalidFields
from crowd.shared.iban import IbanWrong
from crowd.shared.money import Money
from payments.bank import operations, queries, return_operations, rules
from payments.books.workflow import check_books_as_of
from payments.collection.rules import NothingToPay
from payments.collection.workflow import open_checkout
from payments.ledger.models import Account, Transfer
from payments.payouts.queries import payout
from payments.payouts.tranche_operations import approve_payout
from tests.gifts import DONORS_ACCOUNT, OUR_ACCOUNT, a_gift, clerk, give_back, open_account, record
from tests.money import ADDRESSES, MoneyWorld
from tests.payouts import name_payee


def state(world: MoneyWorld, pledge_id: UUID) -> tuple[str, str]:
    """The state of the money, and of the pledge."""
    with world.database.reading() as session:
        return queries.deposit(session, pledge_id=pledge_id).state, world.state_of(pledge_id)


def balance(world: MoneyWorld, kind: str) -> int:
    """Debits less credits of one kind of account, in cents."""
    with world.database.reading() as session:
        debits, credits_ = (
            session.scalar(
                select(func.coalesce(func.sum(Transfer.amount_cents), 0))
                .join(Account, Account.id == column)
                .where(Account.kind == kind)
            )
            for column in (Transfer.debit_account_id, Transfer.credit_account_id)
        )
    return int(debits or 0) - int(credits_ or 0)


def receive(world: MoneyWorld, pledge_id: UUID) -> None:
    with world.database.transaction() as session:
        operations.receive(session, pledge_id=pledge_id, now=world.now)


# --- Counting -------------------------------------------------------------------------------------------------


def test_cash_counts_at_once_and_is_matched_without_an_address(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    world.award_match(campaign, up_to_cents=20_00)
    pledge_id = record(world, a_gift(campaign, 25_00))
    assert state(world, pledge_id) == ("held", "secured")
    with world.database.reading() as session:
        assert session.scalar(select(Reservation.amount_cents).where(Reservation.pledge_id == pledge_id)) == 12_50
        assert session.scalar(select(Pledge.way).where(Pledge.id == pledge_id)) == "cash"
    assert (balance(world, "cash_desk"), balance(world, "offline_deposits")) == (25_00, -25_00)
    assert world.verdict().findings == ()


def test_two_donors_of_one_household_are_matched_as_one(world: MoneyWorld) -> None:
    campaign = world.campaign(600_00)
    world.award_match(campaign, up_to_cents=200_00)
    record(world, a_gift(campaign))
    other = record(world, a_gift(campaign, name="Mia Zonder Adres"))
    with world.database.reading() as session:
        bound = session.scalar(select(Reservation.bound).where(Reservation.pledge_id == other))
    assert bound == "same_card"


def test_somebody_without_an_address_who_comes_again_is_the_same_donor(world: MoneyWorld) -> None:
    campaign = world.campaign(600_00)
    first, second = record(world, a_gift(campaign)), record(world, a_gift(campaign, name=" jan  zonder ADRES "))
    with world.database.reading() as session:
        people = set(session.scalars(select(Pledge.person_id).where(Pledge.id.in_([first, second]))))
        assert len(people) == 1
        assert session.scalar(select(Person.email).where(Person.id.in_(people))) is None


def test_the_same_gift_sent_twice_is_one(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    gift = a_gift(campaign)
    assert record(world, gift) == record(world, gift)
    assert balance(world, "cash_desk") == 25_00
    with pytest.raises(PledgeIdTaken):
        record(world, replace(gift, amount=Money(30_00)))


def test_much_cash_counts_only_after_a_second_person_counted_it(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    who = clerk(world)
    pledge_id = record(world, a_gift(campaign, 100_01), who)
    assert state(world, pledge_id) == ("to_confirm", "promised")
    assert balance(world, "cash_desk") == 0
    with world.database.transaction() as session, pytest.raises(rules.SecondPersonNeeded):
        operations.confirm_cash(session, pledge_id=pledge_id, actor=who, now=world.now)
    with world.database.transaction() as session, pytest.raises(rules.OnlyStaffCounts):
        operations.confirm_cash(session, pledge_id=pledge_id, actor=world.staff("assessor"), now=world.now)
    with world.database.transaction() as session:
        operations.confirm_cash(session, pledge_id=pledge_id, actor=world.staff("treasurer"), now=world.now)
    assert state(world, pledge_id) == ("held", "secured")
    with world.database.transaction() as session, pytest.raises(rules.NothingToConfirm):
        operations.confirm_cash(session, pledge_id=pledge_id, actor=world.staff("treasurer"), now=world.now)
    assert balance(world, "cash_desk") == 100_01
    assert world.verdict().findings == ()


def test_cash_up_to_the_limit_needs_nobody_else(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    assert state(world, record(world, a_gift(campaign, 100_00)))[0] == "held"


def test_cash_that_is_not_there_is_refused_and_nothing_is_booked(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    pledge_id = record(world, a_gift(campaign, 500_00))
    with world.database.transaction() as session:
        operations.refuse_cash(session, pledge_id=pledge_id, actor=clerk(world), now=world.now)
    assert state(world, pledge_id) == ("refused", "abandoned")
    assert balance(world, "cash_desk") == 0
    assert world.verdict().findings == ()


def test_a_transfer_counts_only_when_its_money_is_here(world: MoneyWorld) -> None:
    open_account(world)
    campaign = world.campaign(60_00)
    pledge_id = record(world, a_gift(campaign, 60_00, way="bank_transfer"), clerk(world, channel=Channel.PHONE))
    assert state(world, pledge_id) == ("announced", "promised")
    assert balance(world, "bank") == 0


def test_everything_wrong_in_the_form_is_said_at_once(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    wrong = a_gift(campaign, 0, amount=None, name=" ", postcode="12", house_number="", email="geen adres")
    with pytest.raises(InvalidFields) as refused:
        record(world, wrong, clerk(world, channel=Channel.PHONE))
    assert [error.field for error in refused.value.errors] == [
        *("way", "amount", "name", "postcode", "house_number", "email")
    ]


def test_a_gift_at_the_counter_is_refused_where_it_cannot_be(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    with pytest.raises(rules.OnlyAClerk):
        record(world, a_gift(campaign), world.staff("treasurer"))
    with pytest.raises(rules.NoBankAccount):
        record(world, a_gift(campaign, way="bank_transfer"))
    world.pass_deadline(campaign)
    with pytest.raises(CampaignNotOpen):
        record(world, a_gift(campaign))


def test_a_gift_at_the_counter_is_never_paid_by_card(world: MoneyWorld) -> None:
    open_account(world)
    campaign = world.campaign(60_00)
    pledge_id = record(world, a_gift(campaign, 60_00, way="bank_transfer"))
    with pytest.raises(NothingToPay):
        open_checkout(world.database, world.gateway, pledge_id=pledge_id, addresses=ADDRESSES, now=world.now)


# --- All the way ----------------------------------------------------------------------------------------------


def test_cash_and_cards_together_fund_a_campaign_and_are_paid_out(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    cash, card = record(world, a_gift(campaign, 40_00)), world.pledge(campaign, 60_00)
    before = world.now
    world.pass_deadline(campaign)
    world.work()
    decided = world.now
    world.advance(days=1)
    assert world.state_of_campaign(campaign) == "funded"
    assert (world.state_of(cash), world.state_of(card)) == ("collected", "collected")
    assert balance(world, "offline_deposits") == 0
    name_payee(world, campaign)
    with world.database.transaction() as session:
        approve_payout(session, initiative_id=campaign, actor=world.staff("treasurer"), now=world.now)
    world.work()
    with world.database.reading() as session:
        sent = payout(session, initiative_id=campaign)
    assert sent is not None
    assert (sent.state, sent.gifts_cents, sent.deposits_cents) == ("sent", 60_00, 40_00)
    assert balance(world, "campaign_funds") == 0
    assert balance(world, "bank") == -40_00, "the cash is still in the drawer"
    assert world.verdict().findings == ()
    for moment in (before, decided, world.now):
        assert check_books_as_of(world.database, moment=moment).findings == ()


def test_a_campaign_of_cash_alone_is_decided_and_paid_out_without_the_provider(world: MoneyWorld) -> None:
    campaign = world.campaign(40_00)
    record(world, a_gift(campaign, 40_00))
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    name_payee(world, campaign)
    with world.database.transaction() as session:
        approve_payout(session, initiative_id=campaign, actor=world.staff("treasurer"), now=world.now)
    with world.database.reading() as session:
        sent = payout(session, initiative_id=campaign)
    assert sent is not None
    assert sent.state == "sent"
    assert world.verdict().findings == ()


# --- Going back -----------------------------------------------------------------------------------------------


def test_what_was_held_goes_back_when_the_minimum_is_not_reached(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    pledge_id = record(world, a_gift(campaign, 40_00))
    world.pass_deadline(campaign)
    world.work()
    assert state(world, pledge_id) == ("held", "released")
    assert world.verdict().findings == ()
    give_back(world, pledge_id)
    assert state(world, pledge_id) == ("returned", "released")
    assert (balance(world, "offline_deposits"), balance(world, "bank")) == (0, -40_00)
    assert world.verdict().findings == ()


def test_what_was_held_goes_back_when_the_campaign_is_cancelled(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    pledge_id = record(world, a_gift(campaign, 40_00))
    with world.database.transaction() as session:
        cancel_campaign(
            session, initiative_id=campaign, actor=clerk(world), now=world.now, reason="Het gaat niet door."
        )
    with world.database.reading() as session:
        (waiting,) = queries.open_returns(session, municipality_id=world.municipality_id)
    assert (waiting.pledge_id, waiting.amount_cents) == (pledge_id, 40_00)
    assert world.verdict().findings == ()


def test_what_was_held_goes_back_when_the_donor_withdraws(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    pledge_id = record(world, a_gift(campaign, 40_00))
    with world.database.transaction() as session:
        operations.withdraw_at_counter(session, pledge_id=pledge_id, actor=clerk(world), now=world.now)
    with world.database.reading() as session:
        (waiting,) = queries.open_returns(session, municipality_id=world.municipality_id)
    assert (waiting.pledge_id, waiting.amount_cents, waiting.state) == (pledge_id, 40_00, "planned")
    give_back(world, pledge_id)
    assert state(world, pledge_id) == ("returned", "withdrawn")
    assert world.verdict().findings == ()


def test_a_collected_gift_goes_back_by_bank_when_collecting_fails(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    cash = record(world, a_gift(campaign, 40_00))
    world.pledge(campaign, 60_00, "4000000000000341")
    world.pass_deadline(campaign)
    world.work()
    world.live_through_collecting()
    assert world.state_of_campaign(campaign) == "unfunded"
    assert state(world, cash) == ("collected", "collected")
    assert world.verdict().findings == ()
    give_back(world, cash)
    assert state(world, cash) == ("collected", "refunded")
    assert balance(world, "campaign_funds") == 0
    assert world.verdict().findings == ()


def test_money_for_a_pledge_that_ended_is_booked_and_goes_back(world: MoneyWorld) -> None:
    open_account(world)
    campaign = world.campaign(100_00)
    pledge_id = record(world, a_gift(campaign, 40_00, way="bank_transfer"))
    world.pass_deadline(campaign)
    world.work()
    assert state(world, pledge_id) == ("announced", "abandoned")
    receive(world, pledge_id)
    assert state(world, pledge_id) == ("held", "abandoned")
    give_back(world, pledge_id)
    assert state(world, pledge_id) == ("returned", "abandoned")
    assert balance(world, "offline_deposits") == 0


def test_a_return_is_paid_once_by_somebody_who_did_not_write_the_account_down(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    pledge_id = record(world, a_gift(campaign, 40_00))
    treasurer = world.staff("treasurer")
    pay = {"pledge_id": pledge_id, "actor": treasurer, "now": world.now}

    def paying(error: type[Exception], reference: str = "BETAAL 7", to: str = DONORS_ACCOUNT) -> None:
        with world.database.transaction() as session, pytest.raises(error):
            return_operations.record_return_paid(session, to_account=to, reference=reference, **pay)  # type: ignore[arg-type]

    paying(rules.NothingToReturn)
    with world.database.transaction() as session:
        operations.withdraw_at_counter(session, pledge_id=pledge_id, actor=clerk(world), now=world.now)
    paying(rules.AccountUnknown)
    account = {"pledge_id": pledge_id, "holder": "J. Zonder Adres", "actor": treasurer, "now": world.now}
    with world.database.transaction() as session, pytest.raises(IbanWrong):
        return_operations.give_account(session, account="NL91ABNA0417164301", **account)  # type: ignore[arg-type]
    with world.database.transaction() as session:
        return_operations.give_account(session, account=DONORS_ACCOUNT, **account)  # type: ignore[arg-type]
    paying(rules.AccountByYourself)
    with world.database.transaction() as session:
        return_operations.give_account(session, account=DONORS_ACCOUNT, is_donor=True, **account)  # type: ignore[arg-type]
    paying(rules.PaymentReferenceMissing, " ")
    paying(rules.AccountChanged, to=OUR_ACCOUNT)
    with world.database.transaction() as session:
        return_operations.record_return_paid(session, to_account=DONORS_ACCOUNT, reference="BETAAL 7", **pay)  # type: ignore[arg-type]
    paying(rules.NothingToReturn)
    assert balance(world, "offline_deposits") == 0
