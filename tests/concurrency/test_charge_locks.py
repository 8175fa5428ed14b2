"""A retry and a webhook about the same payment wait for each other in one order, so neither is thrown out."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from crowd.pledges import queries as pledge_queries
from crowd.shared.db import Database
from payments.collection import queries
from payments.collection.charge_operations import begin_confirm, record_created
from payments.settlement.workflow import close_due_campaigns, plan_settlements
from tests.money import MoneyWorld

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def _a_charge_about_to_be_confirmed(world: MoneyWorld) -> UUID:
    campaign = world.campaign(20_00)
    pledge_id = world.pledge(campaign, 25_00)
    world.pass_deadline(campaign)
    close_due_campaigns(world.database, now=world.now)
    plan_settlements(world.database, now=world.now)
    with world.database.transaction() as session:
        record_created(session, pledge_id=pledge_id, intent_ref="pi_test")
    return pledge_id


def test_whoever_begins_a_confirmation_locks_the_pledge_before_its_charge(world: MoneyWorld) -> None:
    pledge_id = _a_charge_about_to_be_confirmed(world)

    def begin() -> str | None:
        with world.database.transaction() as session:
            begun = begin_confirm(session, pledge_id=pledge_id, now=world.now)
            return begun.state if begun else None

    with ThreadPoolExecutor(max_workers=1) as pool:
        with world.database.transaction() as session:
            # What a webhook does: the pledge first, then its charge.
            pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
            beginning = pool.submit(begin)
            _await_a_waiter(world.database)
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert queries.charge(session, pledge_id=pledge_id, lock=True) is not None
        assert beginning.result(timeout=20) == "confirming"


def _await_a_waiter(database: Database) -> None:
    for _ in range(200):
        with database.reading() as session:
            if session.execute(_WAITING).scalar_one():
                return
        time.sleep(0.05)
    pytest.fail("nobody came to wait for the pledge")
