"""What happens by the passing of the sandbox's time: debits end, money reaches the balance, sessions expire."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from payments.sandbox.act import Act
from payments.sandbox.objects import charges, checkout_sessions, confirmations, disputes, refunds
from payments.sandbox.world import World

log = logging.getLogger(__name__)
TASKS: dict[str, Callable[[Act, str], None]] = {
    charges.POSTING_TASK: charges.post_to_balance,
    checkout_sessions.EXPIRY_TASK: checkout_sessions.close_expired,
    confirmations.DEBIT_TASK: confirmations.debit_result,
    confirmations.REVERSAL_TASK: disputes.reverse_later,
    disputes.DECISION_TASK: disputes.decided,
    disputes.DEADLINE_TASK: disputes.missed,
    refunds.RESULT_TASK: refunds.result,
}
BATCH = 50
PAUSE_SECONDS = 0.2


def run_due(world: World) -> int:
    """Does up to one batch of what is due now, in one transaction; answers how many were done."""
    act = world.act()
    store = world.store
    due = store.sql.execute(
        "SELECT at, task, id FROM due WHERE at <= ? ORDER BY at LIMIT ?", (act.now, BATCH)
    ).fetchall()
    if due:
        with store.transaction():
            for at, task, identifier in due:
                TASKS[task](replace(act, due=at), identifier)
                store.unschedule(task, identifier, at=at)
        world.committed()
    return len(due)


async def run_all_due(world: World) -> None:
    """Does everything that is due now, letting requests through between batches."""
    more = True
    while more:
        more = run_due(world) > 0
        await asyncio.sleep(0)


async def keep_running(world: World) -> None:
    """Until cancelled: does what is due, several times a second."""
    while True:
        try:
            await run_all_due(world)
        except Exception:
            log.exception("an alarm failed; it is tried again")
        await asyncio.sleep(PAUSE_SECONDS)
