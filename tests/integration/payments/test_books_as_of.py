"""The books at any past moment: what was in order then is in order still, and a fault is seen from its moment on."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select, text

from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.books import past_queries
from payments.books.queries import CHECKS
from payments.books.workflow import check_books_as_of
from payments.ledger.models import Transfer
from payments.payouts.operations import record_match_received
from payments.payouts.tranche_operations import approve_payout
from tests.database import Server
from tests.money import DECLINED_WHEN_CHARGED, MoneyWorld, money_world
from tests.payouts import name_payee


class Past(NamedTuple):
    """A world in which a campaign was paid out and another's money went back, and some moments of it."""

    world: MoneyWorld
    name: str
    before: datetime
    collecting: datetime
    decided: datetime
    paid_out: datetime
    pledge: UUID


def _pay_out(world: MoneyWorld, campaign: UUID) -> None:
    name_payee(world, campaign)
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        record_match_received(
            session, initiative_id=campaign, amount=Money(20_00), reference="A1", actor=treasurer, now=world.now
        )
        approve_payout(session, initiative_id=campaign, actor=treasurer, now=world.now)
    world.work()


@pytest.fixture(scope="module")
def past(database_server: Server, worker_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    name = f"past_{worker_name}"
    database = Database(database_server.clone(name), pool_size=12)
    with money_world(database, tmp_path_factory.mktemp("sandbox")) as world:
        funded, failed = world.campaign(60_00), world.campaign(60_00, days=31)
        world.award_match(funded, up_to_cents=20_00)
        pledge = world.promise(funded, 40_00)
        world.confirm_everyone()
        world.pay(pledge)
        before = world.now
        # Enough at the deadline, not enough once one of the cards was refused: what was taken is given back.
        world.pledge(failed, 40_00)
        world.pledge(failed, 20_00, DECLINED_WHEN_CHARGED)
        world.pass_deadline(funded)
        world.work()
        world.pass_deadline(failed)
        world.work()
        collecting = world.now
        world.live_through_collecting()
        assert world.state_of_campaign(funded) == "funded"
        assert world.state_of_campaign(failed) == "unfunded"
        decided = world.now
        world.advance(days=3)
        _pay_out(world, funded)
        assert world.verdict().balanced
        paid_out = world.now
        database.close()
        yield Past(world, name, before, collecting, decided, paid_out, pledge)


@pytest.fixture
def copy(past: Past, database_server: Server, worker_name: str) -> Iterator[Database]:
    """A copy of the world's database, to spoil."""
    cluster, name = database_server.cluster(), f"spoilt_past_{worker_name}_{new_id().hex[-8:]}"
    cluster.create_database(name, template=past.name)
    with closing(Database(cluster.url(name))) as database:
        yield database


def _balances(database: Database, moment: datetime) -> dict[str, int]:
    verdict = check_books_as_of(database, moment=moment)
    return {balance.kind: balance.debit_cents - balance.credit_cents for balance in verdict.balances}


def test_the_books_balance_at_every_moment_that_something_was_booked(copy: Database) -> None:
    with copy.reading() as session:
        booked = session.scalars(select(Transfer.occurred_at).distinct()).all()
    moments = sorted({moment + apart for moment in booked for apart in (timedelta(seconds=-1), timedelta(0))})
    assert len(moments) > 6
    assert [m for m in moments if check_books_as_of(copy, moment=m).findings] == []
    assert all(check_books_as_of(copy, moment=m).balanced for m in moments)


def test_the_balances_are_those_of_that_moment(past: Past, copy: Database) -> None:
    assert _balances(copy, past.before) == {}
    assert _balances(copy, past.collecting)["campaign_funds"] == -(40_00 + 20_00 + 40_00)
    assert _balances(copy, past.decided)["campaign_funds"] == -(40_00 + 20_00)
    assert _balances(copy, past.decided)["municipality_receivable"] == 20_00
    paid_out = _balances(copy, past.paid_out)
    assert (paid_out["campaign_funds"], paid_out["municipality_receivable"], paid_out["bank"]) == (0, 0, 0)


def test_a_fault_is_seen_from_its_moment_on_and_not_before(past: Past, copy: Database) -> None:
    with copy.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text("UPDATE ledger_transfers SET amount_cents = amount_cents + 1 WHERE kind = 'payout_match'"),
        )
    assert check_books_as_of(copy, moment=past.decided).balanced
    after = check_books_as_of(copy, moment=past.paid_out)
    assert not after.balanced
    assert {finding.invariant for finding in after.findings} == {"I7"}


def test_a_booking_without_its_charge_is_found_in_the_past_too(past: Past, copy: Database) -> None:
    with copy.transaction() as session:
        session.execute(
            text("UPDATE charges SET succeeded_at = :late WHERE pledge_id = :pledge"),
            {"late": past.paid_out, "pledge": past.pledge},
        )
    found = check_books_as_of(copy, moment=past.decided).findings
    assert {finding.subject for finding in found} == {f"pledge {past.pledge}"}


def test_what_was_written_down_later_is_counted(past: Past, copy: Database) -> None:
    verdict = check_books_as_of(copy, moment=past.world.now - timedelta(days=3650))
    assert (verdict.postings, verdict.recorded_later, verdict.balances) == (0, 0, ())
    with copy.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text("UPDATE ledger_transfers SET recorded_at = :late WHERE kind = 'match_received'"),
            {"late": past.paid_out + timedelta(days=1)},
        )
    assert check_books_as_of(copy, moment=past.paid_out).recorded_later == 1


def test_every_check_is_asked_of_the_past_or_says_what_history_it_lacks() -> None:
    unasked = {one.promise: one.lacks for one in past_queries.UNASKED}
    ours = [check for check in CHECKS if check.promise in unasked]
    assert all(unasked.values())
    assert past_queries.ASKED + len(ours) == len(CHECKS)
    # Pages' totals and a pot's counter are overwritten; all else has its moments.
    assert {check.invariant for check in CHECKS if check.promise not in unasked} >= {"I2", "I4", "I5", "I7"}
    assert unasked["the public total of a live campaign is the sum of its secured pledges"] == (
        "campaign_deltas, campaign_totals"
    )
