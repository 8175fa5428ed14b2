"""A donor whose payment failed is mailed at once and every 48 hours, and never tried again after a definite no."""

from uuid import UUID

import pytest
from sqlalchemy import select

from crowd.shared.outbox import OutboxRow
from payments.collection.charge_operations import remind_donors
from payments.collection.queries import charge
from payments.collection.rules import NothingToPay
from payments.collection.workflow import finish_latest_checkout, open_checkout, pay_now
from tests.money import ADDRESSES, ASKS_ALWAYS, DECLINED_WHEN_CHARGED, LOST, MoneyWorld


def _mails(world: MoneyWorld, pledge_id: UUID) -> list[str]:
    """What this donor was mailed about a payment that failed, oldest first."""
    with world.database.reading() as session:
        kinds = session.scalars(
            select(OutboxRow.kind)
            .where(
                OutboxRow.kind.in_(("pledge.declined", "pledge.needs_action")),
                OutboxRow.args["pledge_id"].astext == str(pledge_id),
            )
            .order_by(OutboxRow.id)
        )
        return list(kinds)


def _collecting(world: MoneyWorld, card: str) -> UUID:
    campaign = world.campaign(20_00)
    world.pledge(campaign, 25_00)
    fails = world.pledge(campaign, 10_00, card)
    world.pass_deadline(campaign)
    world.work(rounds=1)
    return fails


def _live(world: MoneyWorld, *, hours: int) -> None:
    for _ in range(hours // 12):
        world.advance(hours=12)
        world.work(rounds=1)
        with world.database.transaction() as session:
            remind_donors(session, now=world.now)


def test_a_soft_decline_is_told_at_once_and_every_48_hours_while_we_try_again(world: MoneyWorld) -> None:
    fails = _collecting(world, DECLINED_WHEN_CHARGED)
    assert _mails(world, fails) == ["pledge.declined"]
    _live(world, hours=36)
    with world.database.reading() as session:
        tried = charge(session, pledge_id=fails)
    assert tried is not None
    assert (tried.declines, tried.may_retry) == (2, True)
    assert len(_mails(world, fails)) == 1
    _live(world, hours=12)
    assert len(_mails(world, fails)) == 2
    _live(world, hours=48)
    assert len(_mails(world, fails)) == 3


def test_after_a_definite_no_nothing_is_tried_and_the_donor_is_reminded(world: MoneyWorld) -> None:
    fails = _collecting(world, LOST)
    _live(world, hours=96)
    with world.database.reading() as session:
        tried = charge(session, pledge_id=fails)
    assert tried is not None
    assert (tried.declines, tried.may_retry, tried.next_attempt_at) == (1, False, None)
    assert len(_mails(world, fails)) == 3
    with pytest.raises(NothingToPay):
        pay_now(world.database, world.gateway, pledge_id=fails, return_url="https://loket.example/", now=world.now)


def test_another_card_that_fails_is_told_at_once(world: MoneyWorld) -> None:
    fails = _collecting(world, LOST)
    url = open_checkout(world.database, world.gateway, pledge_id=fails, addresses=ADDRESSES, now=world.now)
    world.choose_card(url, ASKS_ALWAYS)
    finish_latest_checkout(world.database, world.gateway, pledge_id=fails, now=world.now)
    with world.database.reading() as session:
        waiting = charge(session, pledge_id=fails)
    assert waiting is not None
    assert (waiting.decline_code, waiting.last_mailed_at) == (None, None)
    world.work(rounds=1)
    assert world.state_of(fails) == "needs_action"
    assert _mails(world, fails) == ["pledge.declined", "pledge.needs_action"]
