"""Sending money: lease a line, ask the provider with no transaction open, record what happened."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from crowd.shared import log
from crowd.shared.actor import Actor
from crowd.shared.db import Database
from payments.calls.operations import was_refused_for
from payments.calls.workflow import KeySpent, ask
from payments.gateway import Gateway
from payments.payouts import host_operations, host_queries, operations, queries, refund_operations
from payments.payouts.operations import LineToSend
from payments.payouts.refund_operations import RefundToSend
from payments.provider import OutcomeUnknown, Request
from payments.requests import create_onboarding_link, create_payee_account, create_refund, create_transfer

_log = log.logger()
_Line = TypeVar("_Line")


class ProviderRefused(Exception):
    """The provider will not do what we planned: a person must look. The line stays planned."""


def onboard_payee(
    database: Database,
    gateway: Gateway,
    *,
    payee_id: UUID,
    initiative_id: UUID,
    display_name: str,
    contact_email: str,
    return_url: str,
    refresh_url: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Return the address of the provider's page where an initiator says where the money may go.

    Raises OutcomeUnknown when the provider cannot be reached: nothing is lost, try again.
    """
    with database.transaction() as session:
        payee = operations.start_payee(session, payee_id=payee_id, initiative_id=initiative_id, actor=actor, now=now)
    account_ref = payee.account_ref
    if account_ref is None:
        request = create_payee_account(payee_id=payee.id, display_name=display_name, contact_email=contact_email)
        account_ref = str(ask(database, gateway, request=request, now=now).facts["ref"])
        with database.transaction() as session:
            operations.record_account(session, payee_id=payee.id, account_ref=account_ref)
    with database.transaction() as session:
        number = operations.count_link(session, payee_id=payee.id)
    link = create_onboarding_link(
        payee_id=payee.id, number=number, account_ref=account_ref, return_url=return_url, refresh_url=refresh_url
    )
    return str(ask(database, gateway, request=link, now=now).facts["url"])


def onboard_host(
    database: Database,
    gateway: Gateway,
    *,
    organisation_id: UUID,
    display_name: str,
    contact_email: str,
    return_url: str,
    refresh_url: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Return the address of the provider's page where a fiscal host says once who it is and where money may go.

    Raises NotYourOrganisation, and OutcomeUnknown when the provider cannot be reached: try again.
    """
    with database.transaction() as session:
        host = host_operations.start_host(session, organisation_id=organisation_id, actor=actor, now=now)
    account_ref = host.account_ref
    if account_ref is None:
        request = create_payee_account(payee_id=organisation_id, display_name=display_name, contact_email=contact_email)
        account_ref = str(ask(database, gateway, request=request, now=now).facts["ref"])
        with database.transaction() as session:
            host_operations.record_host_account(session, organisation_id=organisation_id, account_ref=account_ref)
    with database.transaction() as session:
        number = host_operations.count_host_link(session, organisation_id=organisation_id)
    link = create_onboarding_link(
        payee_id=organisation_id, number=number, account_ref=account_ref, return_url=return_url, refresh_url=refresh_url
    )
    return str(ask(database, gateway, request=link, now=now).facts["url"])


def refresh_host(database: Database, gateway: Gateway, *, organisation_id: UUID, now: datetime) -> None:
    """Look at the provider whether a fiscal host is ready, when it has an account."""
    with database.reading() as session:
        account_ref = host_queries.host_account(session, organisation_id=organisation_id)
    if account_ref is not None:
        refresh_payee(database, gateway, account_ref=account_ref, now=now)


def refresh_payee(database: Database, gateway: Gateway, *, account_ref: str, now: datetime) -> None:
    """Look at the provider whether a payee is ready, and record it: what the return page and webhooks do."""
    status = gateway.fetch_account_status(account_ref)
    with database.transaction() as session:
        operations.record_account_status(session, account_ref=account_ref, status=status, now=now)
        if status == "active":
            host_operations.record_host_ready(session, account_ref=account_ref, now=now)


def refresh_payee_of(database: Database, gateway: Gateway, *, initiative_id: UUID, now: datetime) -> None:
    """Refresh the payee of an initiative, when it has an account."""
    with database.reading() as session:
        payee = queries.payee(session, initiative_id=initiative_id)
    if payee is not None and payee.account_ref is not None and payee.state == "started":
        refresh_payee(database, gateway, account_ref=payee.account_ref, now=now)


def send_refunds(database: Database, gateway: Gateway, *, now: datetime, most: int, at_once: int) -> int:
    """Lease up to `most` planned refunds and send them, `at_once` at the same time; return how many."""
    with database.transaction() as session:
        leased = refund_operations.lease_refunds(session, most=most)

    def send(refund: RefundToSend) -> None:
        request = create_refund(refund_id=refund.id, charge_ref=refund.charge_ref, amount=refund.amount)

        def look() -> str | None:
            return gateway.find_refund(refund_id=refund.id, charge_ref=refund.charge_ref)

        refund_ref = _done(database, gateway, request=request, look=look, now=now)
        with database.transaction() as session:
            refund_operations.record_refund(session, refund_id=refund.id, refund_ref=refund_ref, now=now)

    _each(send, leased, at_once=at_once, what="refund")
    return len(leased)


def refresh_refund(database: Database, gateway: Gateway, *, refund_ref: str, now: datetime) -> None:
    """Look at the provider how a refund stands, and book it back when it came back; one we do not know is left alone.

    Our own record of it may still be under way: then a sweep finds it.
    """
    with database.reading() as session:
        is_open = queries.is_refund_sent(session, refund_ref=refund_ref)
    if not is_open:
        return
    found = gateway.fetch_refund(refund_ref)
    if found.came_back:
        with database.transaction() as session:
            refund_operations.record_refund_failed(session, refund_ref=refund_ref, failure=found.failure, now=now)


def send_payout_lines(database: Database, gateway: Gateway, *, now: datetime, most: int, at_once: int) -> int:
    """Lease up to `most` approved payout lines and send them, `at_once` at the same time; return how many."""
    with database.transaction() as session:
        leased = operations.lease_lines(session, most=most, now=now)

    def send(line: LineToSend) -> None:
        request = create_transfer(
            line_id=line.id,
            initiative_id=line.initiative_id,
            amount=line.amount,
            account_ref=line.account_ref,
            charge_ref=line.charge_ref,
            description=line.description,
        )
        with database.reading() as session:
            is_sent_on = was_refused_for(session, key=request.key, other_than=line.account_ref)
        if is_sent_on:
            # Refused for the account before this one, so nothing left under that key: this account has its own.
            request = replace(request, key=f"{request.key}/to/{line.account_ref}")

        def look() -> str | None:
            return gateway.find_transfer(line_id=line.id, initiative_id=line.initiative_id)

        transfer_ref = _done(database, gateway, request=request, look=look, now=now)
        with database.transaction() as session:
            operations.record_line_sent(session, line_id=line.id, transfer_ref=transfer_ref, now=now)

    _each(send, leased, at_once=at_once, what="payout_line")
    return len(leased)


def _done(
    database: Database, gateway: Gateway, *, request: Request, look: Callable[[], str | None], now: datetime
) -> str:
    """Return the provider's reference of what was asked, looking for it first when its key is spent."""
    try:
        answer = ask(database, gateway, request=request, now=now)
    except KeySpent:
        found = look()
        if found is not None:
            return found
        answer = ask(database, gateway, request=request, now=now, after_looking=True)
    if answer.outcome == "refused":
        raise ProviderRefused(str(answer.facts.get("code")))
    return str(answer.facts["ref"])


def _each(send: Callable[[_Line], None], lines: Sequence[_Line], *, at_once: int, what: str) -> None:
    def guarded(line: _Line) -> None:
        try:
            send(line)
        except (OutcomeUnknown, ProviderRefused) as unsettled:
            # The lease runs out and the line is tried again with the same key; nothing is marked as sent.
            _log.warning("line_not_settled", kind=what, error=f"{type(unsettled).__name__}: {unsettled}")

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        list(pool.map(guarded, lines))
