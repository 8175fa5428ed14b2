"""Settling: plan each collecting campaign once, work its charges off line by line, end it when all are final.

Every step can be the last before a crash; the next run goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from crowd.closing.gap_queries import open_gap
from crowd.closing.operations import close_campaign
from crowd.closing.plan_queries import near_misses_over
from crowd.closing.queries import collecting_campaigns, due_campaigns
from crowd.closing.rules import banks_are_awaited_until
from crowd.shared import log
from crowd.shared.db import Database
from payments.collection import workflow as collecting
from payments.collection.charge_operations import ask_again_soon, lease_due_charges
from payments.collection.queries import at_banks, has_open_charges, in_flight_charges, open_charges
from payments.gateway import Gateway
from payments.provider import OutcomeUnknown
from payments.settlement import queries
from payments.settlement.operations import end_near_miss, end_settlement, give_back_late_money, plan_settlement

_log = log.logger()


class CampaignsFailed(Exception):
    """Some campaigns could not be brought further; the log names each. All others were."""


def close_due_campaigns(database: Database, *, now: datetime) -> int:
    """Close every campaign whose deadline has passed, one transaction each; return how many."""
    with database.reading() as session:
        due = due_campaigns(session, now=now)

    def close(initiative_id: UUID) -> bool:
        with database.transaction() as session:
            closing = close_campaign(session, initiative_id=initiative_id, now=now)
        _log.info("campaign_closed", campaign_id=str(initiative_id), outcome=closing.outcome)
        return True

    return _each_campaign(due, close)


def plan_settlements(database: Database, *, now: datetime) -> int:
    """Plan the charges of every collecting campaign that has no plan yet; return how many were planned."""
    with database.reading() as session:
        collecting_now = collecting_campaigns(session)
        planned = set(queries.unfinished(session))

    def plan(initiative_id: UUID) -> bool:
        with database.transaction() as session:
            return plan_settlement(session, initiative_id=initiative_id, now=now)

    return _each_campaign([one for one in collecting_now if one not in planned], plan)


def work_off_charges(database: Database, gateway: Gateway, *, now: datetime, most: int, at_once: int) -> int:
    """Lease up to `most` due charges and bring each as far as it goes, `at_once` at the same time.

    Returns how many were worked on. A charge whose outcome is unknown is asked for again in a while, with the same
    key; one whose worker died when its lease runs out.
    """
    with database.transaction() as session:
        leased = lease_due_charges(session, now=now, most=most)

    def work_on(pledge_id: UUID) -> None:
        try:
            collecting.charge(database, gateway, pledge_id=pledge_id, now=now)
        except OutcomeUnknown as unknown:
            _log.warning("charge_outcome_unknown", pledge_id=str(pledge_id), error=str(unknown))
            with database.transaction() as session:
                ask_again_soon(session, pledge_id=pledge_id)

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        list(pool.map(work_on, leased))
    return len(leased)


def end_settlements(database: Database, gateway: Gateway, *, now: datetime) -> int:
    """End every settlement whose charges are all final, or whose grace is over; return how many ended.

    When the grace is over, what still waits for its donor is cancelled at the provider first. What waits for the
    provider's own answer is never cut off, and banks have two weeks more to answer a debit. What they say later does
    not count: it goes back, or lapses.
    """
    _end_what_came_late(database, gateway, now=now)
    with database.reading() as session:
        unfinished = queries.unfinished(session)

    def end(initiative_id: UUID) -> bool:
        if not _is_ready_to_end(database, gateway, initiative_id=initiative_id, now=now):
            return False
        with database.transaction() as session:
            outcome = end_settlement(session, initiative_id=initiative_id, now=now)
        return _decided(initiative_id, outcome)

    return _each_campaign(unfinished, end)


def end_near_misses(database: Database, *, now: datetime) -> int:
    """Decide every near miss of which nobody's answer is awaited any more, one transaction each; return how many."""
    with database.reading() as session:
        over = near_misses_over(session, now=now)

    def end(initiative_id: UUID) -> bool:
        with database.transaction() as session:
            outcome = end_near_miss(session, initiative_id=initiative_id, now=now)
        return _decided(initiative_id, outcome)

    return _each_campaign(over, end)


def _decided(initiative_id: UUID, outcome: str | None) -> bool:
    if outcome is not None:
        _log.info("campaign_decided", campaign_id=str(initiative_id), outcome=outcome)
    return outcome is not None


def _each_campaign(campaigns: Sequence[UUID], act: Callable[[UUID], bool]) -> int:
    """Return for how many campaigns `act` did something; one that fails does not keep the others waiting.

    Raises CampaignsFailed at the end when any did, so that it is seen.
    """
    done = failed = 0
    for initiative_id in campaigns:
        try:
            done += act(initiative_id)
        except Exception as error:  # noqa: BLE001  whatever is wrong with one, the next one's donors wait for their money
            failed += 1
            _log.error("campaign_failed", campaign_id=str(initiative_id), error=type(error).__name__)
    if failed:
        raise CampaignsFailed(failed)
    return done


def _is_ready_to_end(database: Database, gateway: Gateway, *, initiative_id: UUID, now: datetime) -> bool:
    with database.reading() as session:
        until = queries.collecting_until(session, initiative_id=initiative_id)
        if until is None:
            return False
        if not has_open_charges(session, initiative_id=initiative_id):
            # Nobody's payment is awaited, yet neighbours may still give what is missing.
            return open_gap(session, initiative_id=initiative_id, now=now) is None
        if now < until:
            # The usual case, looked at every few seconds: nothing before this line counts a campaign's charges.
            return False
        waiting = open_charges(session, initiative_id=initiative_id)
        in_flight = in_flight_charges(session, initiative_id=initiative_id)
        debits = at_banks(session, initiative_id=initiative_id)
    if in_flight or (debits and now < banks_are_awaited_until(collect_until=until)):
        return False
    _give_up(database, gateway, pledges=[pledge_id for pledge_id in waiting if pledge_id not in debits], now=now)
    with database.reading() as session:
        still_open = open_charges(session, initiative_id=initiative_id)
        return at_banks(session, initiative_id=initiative_id).issuperset(still_open)


def _end_what_came_late(database: Database, gateway: Gateway, *, now: datetime) -> None:
    """Give back what a bank paid after its campaign was decided without it, and let lapse what it refused then."""
    with database.transaction() as session:
        give_back_late_money(session, now=now)
        refused = queries.refused_late(session)
    _give_up(database, gateway, pledges=refused, now=now)


def _give_up(database: Database, gateway: Gateway, *, pledges: Sequence[UUID], now: datetime) -> None:
    for pledge_id in pledges:
        try:
            collecting.give_up(database, gateway, pledge_id=pledge_id, now=now)
        except OutcomeUnknown as unknown:
            _log.warning("cancel_outcome_unknown", pledge_id=str(pledge_id), error=str(unknown))
