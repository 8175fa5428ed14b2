"""Gifts in cash and by transfer, as a clerk writes them down and a treasurer pays them back."""

from dataclasses import replace
from uuid import UUID

from crowd.shared.actor import Actor, Channel
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.bank import operations, return_operations
from payments.bank.gift_rules import Gift
from payments.bank.terms_operations import set_money_terms
from tests.money import MoneyWorld

OUR_ACCOUNT = "NL04VOOR0123456789"
DONORS_ACCOUNT = "NL91ABNA0417164300"


def clerk(world: MoneyWorld, *, channel: Channel = Channel.DESK) -> Actor:
    return replace(world.staff("clerk"), channel=channel)


def a_gift(campaign: UUID, cents: int = 25_00, **changes: object) -> Gift:
    gift = Gift(
        pledge_id=new_id(),
        initiative_id=campaign,
        way="cash",
        amount=Money(cents),
        name="Jan Zonder Adres",
        postcode="1234 ab",
        house_number="12",
    )
    return replace(gift, **changes)  # type: ignore[arg-type]  # each test changes fields it knows


def record(world: MoneyWorld, gift: Gift, actor: Actor | None = None) -> UUID:
    with world.database.transaction() as session:
        actor = actor or clerk(world)
        return operations.record_gift(session, gift=gift, actor=actor, now=world.now).pledge_id


def open_account(world: MoneyWorld) -> None:
    """The municipality says to which account donors may transfer."""
    with world.database.transaction() as session:
        set_money_terms(
            session,
            municipality_id=world.municipality_id,
            bank_account=OUR_ACCOUNT,
            cash_alone=Money(100_00),
            actor=world.staff("administrator"),
            now=world.now,
        )


def give_back(world: MoneyWorld, pledge_id: UUID) -> None:
    with world.database.transaction() as session:
        return_operations.give_account(
            session,
            pledge_id=pledge_id,
            holder="J. Zonder Adres",
            account=DONORS_ACCOUNT,
            actor=clerk(world),
            now=world.now,
        )
    with world.database.transaction() as session:
        return_operations.record_return_paid(
            session,
            pledge_id=pledge_id,
            to_account=DONORS_ACCOUNT,
            reference="BETAAL 7",
            actor=world.staff("treasurer"),
            now=world.now,
        )


def take_cash(world: MoneyWorld, campaign: UUID, cents: int) -> UUID:
    """Somebody gives cash at the desk; the pledge."""
    return record(world, a_gift(campaign, cents))


def withdraw_and_give_back(world: MoneyWorld, pledge_id: UUID) -> None:
    """The donor changes their mind, and a treasurer pays the money back."""
    with world.database.transaction() as session:
        operations.withdraw_at_counter(session, pledge_id=pledge_id, actor=clerk(world), now=world.now)
    give_back(world, pledge_id)
