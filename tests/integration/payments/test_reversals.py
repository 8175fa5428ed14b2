"""Money asked back from who received it, because its gift was lost after it left: by two above the limit, once."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank.terms_operations import set_money_terms
from payments.books.campaign_queries import sums
from payments.books.workflow import check_books_as_of
from payments.ledger.models import Transfer
from payments.payouts.models import PayoutLine
from payments.payouts.reversal_operations import approve_asking, ask_back, lease_reversals, record_refused
from payments.payouts.reversal_queries import AskedBack, asked_back
from payments.payouts.reversal_rules import AskedByYourself, NotAskedYet, NothingToAskBack
from payments.payouts.reversal_workflow import send_reversals
from payments.payouts.rules import OnlyTheTreasurer
from tests.gifts import OUR_ACCOUNT
from tests.money import MoneyWorld, lose_dispute
from tests.payouts import a_campaign_to_pay, approve, initiator


def _lost_after_payout(world: MoneyWorld) -> tuple[UUID, UUID]:
    """A campaign that was paid out, and a gift of it that its donor's bank took back since."""
    campaign = a_campaign_to_pay(world, gifts=(30_00, 20_00))
    approve(world, campaign)
    world.work(rounds=1)
    with world.database.reading() as session:
        pledge = session.scalars(select(PayoutLine.pledge_id).where(PayoutLine.amount_cents == 30_00)).one()
    lose_dispute(world, pledge)
    return campaign, pledge


def _ask(world: MoneyWorld, pledge: UUID, actor: Actor) -> str:
    with world.database.transaction() as session:
        return ask_back(session, pledge_id=pledge, actor=actor, now=world.now)


def _approve(world: MoneyWorld, pledge: UUID, actor: Actor) -> None:
    with world.database.transaction() as session:
        approve_asking(session, pledge_id=pledge, actor=actor, now=world.now)


def _stands(world: MoneyWorld, pledge: UUID) -> AskedBack:
    with world.database.reading() as session:
        return asked_back(session, pledge_id=pledge)


def _booked(world: MoneyWorld) -> dict[str, int]:
    kinds = ("transfer_reversed", "loss_recovered", "dispute_lost_after_payout")
    with world.database.reading() as session:
        found = session.execute(
            select(Transfer.kind, func.sum(Transfer.amount_cents))
            .where(Transfer.kind.in_(kinds))
            .group_by(Transfer.kind)
        )
        return {kind: int(cents) for kind, cents in found}


def test_a_treasurer_asks_back_what_the_provider_refuses_once_and_then_gives(world: MoneyWorld) -> None:
    campaign, pledge = _lost_after_payout(world)
    treasurer, before = world.staff("treasurer"), world.now
    with pytest.raises(OnlyTheTreasurer):
        _ask(world, pledge, initiator(world))
    assert _ask(world, pledge, treasurer) == "planned"
    with pytest.raises(NothingToAskBack):
        _ask(world, pledge, treasurer)
    with world.database.transaction() as session:
        (leased,) = lease_reversals(session, most=9)
        record_refused(session, reversal_id=leased.id, refusal="balance_insufficient", now=world.now)
    refused = _stands(world, pledge)
    assert (refused.standing, refused.open_cents, refused.refusal) == ("nothing", 30_00, "balance_insufficient")
    assert world.verdict().findings == ()
    world.advance(days=1)
    _ask(world, pledge, treasurer)
    world.sandbox.control.call(
        "POST", "/_sandbox/faults", {"kind": "drop_after", "operation": "transfers.reversals.create"}
    )
    assert send_reversals(world.database, world.gateway, now=world.now, most=9) == 1
    assert _stands(world, pledge).standing == "under_way"
    world.end_leases()
    send_reversals(world.database, world.gateway, now=world.now, most=9)
    assert (_stands(world, pledge).standing, _stands(world, pledge).came_back_cents) == ("came_back", 30_00)
    assert _booked(world) == {
        "dispute_lost_after_payout": 30_00,
        "transfer_reversed": 30_00,
        "loss_recovered": 30_00,
    }
    assert world.verdict().findings == ()
    with world.database.reading() as session:
        totals = sums(session, initiative_id=campaign)
    assert (totals.given_cents, totals.refunded_cents, totals.paid_out_cents) == (50_00, 30_00, 20_00)
    assert [check_books_as_of(world.database, moment=moment).findings for moment in (before, world.now)] == [(), ()]


def test_above_the_limit_somebody_else_approves_it(world: MoneyWorld) -> None:
    _, pledge = _lost_after_payout(world)
    first, second = world.staff("treasurer"), world.staff("treasurer")
    with world.database.transaction() as session:
        set_money_terms(
            session,
            municipality_id=world.municipality_id,
            bank_account=OUR_ACCOUNT,
            cash_alone=Money(100_00),
            payout_alone=Money(10_00),
            actor=world.staff("administrator"),
            now=world.now,
        )
    with pytest.raises(NotAskedYet):
        _approve(world, pledge, second)
    assert _ask(world, pledge, first) == "waits"
    assert send_reversals(world.database, world.gateway, now=world.now, most=9) == 0
    with pytest.raises(AskedByYourself):
        _approve(world, pledge, first)
    _approve(world, pledge, second)
    assert send_reversals(world.database, world.gateway, now=world.now, most=9) == 1
    assert _stands(world, pledge).standing == "came_back"
