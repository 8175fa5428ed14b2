"""Handling what the provider says, and asking it what we may have missed.

An event only says where to look: the object is fetched as it is now, so the order of events does not matter and
a lost one is found by a sweep.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from crowd.shared import log
from crowd.shared.db import Database
from payments.collection import queries as collection_queries
from payments.collection.card_operations import lease_unchecked_checkouts
from payments.collection.charge_operations import lease_unchecked_charges
from payments.collection.workflow import finish_checkout, refresh_charge
from payments.disputes.workflow import refresh_dispute
from payments.gateway import Gateway
from payments.inbox import operations
from payments.inbox.operations import LeasedEvent
from payments.payouts.workflow import refresh_payee, refresh_refund
from payments.provider import OutcomeUnknown

T = TypeVar("T")

CHECK_EVERY = timedelta(minutes=10)
CHECK_AFTER = timedelta(minutes=10)
# Longer than any bank takes to send a refund back.
REFUNDS_COME_BACK = timedelta(days=90)
_log = log.logger()


def handle_events(database: Database, gateway: Gateway, *, now: datetime, most: int) -> int:
    """Lease up to `most` open events and handle each; return how many were leased.

    One that cannot be handled now, because the provider does not answer or for a reason nobody foresaw, is put back,
    never marked as seen, and does not keep the others waiting.
    """
    with database.transaction() as session:
        leased = operations.lease_events(session, most=most)
    for event in leased:
        try:
            _handle(database, gateway, event=event, now=now)
        except Exception as failure:  # noqa: BLE001  whatever is wrong with one, the next one's donor waits
            level = _log.warning if isinstance(failure, OutcomeUnknown) else _log.error
            level("event_put_back", event_id=event.id, event_type=event.type, error=type(failure).__name__)
            with database.transaction() as session:
                operations.mark_failed(session, event=event, error=type(failure).__name__)
        else:
            with database.transaction() as session:
                operations.mark_handled(session, event_id=event.id, now=now)
            _log.info("event_handled", event_id=event.id, event_type=event.type)
    return len(leased)


def _handle(database: Database, gateway: Gateway, *, event: LeasedEvent, now: datetime) -> None:
    for prefix, handler in _HANDLERS.items():
        if event.type.startswith(prefix):
            handler(database, gateway, event.object_ref, now)
            return


def _on_checkout(database: Database, gateway: Gateway, session_ref: str, now: datetime) -> None:
    with database.reading() as session:
        is_open = (found := collection_queries.checkout(session, session_ref=session_ref)) and found.state == "open"
    if is_open:
        finish_checkout(database, gateway, session_ref=session_ref, now=now)


def _on_intent(database: Database, gateway: Gateway, intent_ref: str, now: datetime) -> None:
    # What is final stays so whatever the provider says, and each look would cost settlement one of the calls it may
    # make: after every charge comes an event that tells what its own reply told already.
    with database.reading() as session:
        pledge_id = collection_queries.pledge_of_open_intent(session, intent_ref=intent_ref)
    if pledge_id is not None:
        refresh_charge(database, gateway, pledge_id=pledge_id, intent_ref=intent_ref, now=now)


def _on_dispute(database: Database, gateway: Gateway, dispute_ref: str, now: datetime) -> None:
    refresh_dispute(database, gateway, dispute_ref=dispute_ref, now=now)


def _on_account(database: Database, gateway: Gateway, account_ref: str, now: datetime) -> None:
    refresh_payee(database, gateway, account_ref=account_ref, now=now)


def _on_refund(database: Database, gateway: Gateway, refund_ref: str, now: datetime) -> None:
    refresh_refund(database, gateway, refund_ref=refund_ref, now=now)


Handler = Callable[[Database, Gateway, str, datetime], None]

# The beginning of an event's type -> what to look at. Anything else is stored, handled by doing nothing.
_HANDLERS: dict[str, Handler] = {
    "checkout.session.": _on_checkout,
    "payment_intent.": _on_intent,
    "charge.dispute.": _on_dispute,
    # A refund that succeeded can come back days later.
    "refund.updated": _on_refund,
    "refund.failed": _on_refund,
    # A payee's account was made by the second version of the provider's interface; its snapshots arrive by the first.
    "account.": _on_account,
    "v2.core.account": _on_account,
}
SUBSCRIBED = tuple(_HANDLERS)


def sweep_events(database: Database, gateway: Gateway) -> int:
    """Fetch the events since the last sweep, so that a lost webhook is found; return how many there were.

    Only what we act on is kept, and the newest, from where the next sweep goes on.
    """
    with database.reading() as session:
        last = operations.last_swept(session)
    events = gateway.events_since(last)
    kept = [event for event in events if event.type.startswith(SUBSCRIBED) or event is events[-1]]
    with database.transaction() as session:
        operations.store_swept_events(session, events=kept)
    return len(events)


def sweep_charges(database: Database, gateway: Gateway, *, machine_now: datetime, now: datetime) -> int:
    """Look at every payment that waits for its donor or the provider and was not looked at lately; return how many."""
    with database.transaction() as session:
        waiting = lease_unchecked_charges(session, not_since=machine_now - CHECK_EVERY, now=machine_now)
    _each(waiting, lambda one: refresh_charge(database, gateway, pledge_id=one[0], intent_ref=one[1], now=now))
    return len(waiting)


def sweep_checkouts(database: Database, gateway: Gateway, *, machine_now: datetime, now: datetime) -> int:
    """Look at every hosted page that was opened a while ago and of which we never heard; return how many."""
    with database.transaction() as session:
        waiting = lease_unchecked_checkouts(
            session, begun_before=now - CHECK_AFTER, not_since=machine_now - CHECK_EVERY, now=machine_now
        )
    _each(waiting, lambda session_ref: finish_checkout(database, gateway, session_ref=session_ref, now=now))
    return len(waiting)


def sweep_refunds(database: Database, gateway: Gateway, *, now: datetime) -> int:
    """Look at every refund whose money came back to us lately, whether or not we were told; return how many."""
    found = gateway.refunds_that_came_back(since=int((now - REFUNDS_COME_BACK).timestamp()))
    _each(found, lambda ref: refresh_refund(database, gateway, refund_ref=ref, now=now))
    return len(found)


def _each(waiting: Sequence[T], look: Callable[[T], None]) -> None:
    """Look at each; one that cannot be looked at now has its next turn, as it was marked, and holds up nobody."""
    for one in waiting:
        try:
            look(one)
        except Exception as failure:  # noqa: BLE001  see above
            _log.warning("sweep_passed_over", error=type(failure).__name__)
