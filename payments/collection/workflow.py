"""Collecting: transaction, call with no transaction open, transaction. Any step may be the last before a crash."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.cofunding.operations import release_match
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import OFFLINE_WAYS, CampaignFacts, PledgeCannotBecome, may_be_changed
from crowd.shared import log
from crowd.shared.actor import Actor
from crowd.shared.db import Database
from crowd.shared.money import Money
from payments.calls.operations import BegunCall, KeyUsedOtherwise, begin_call, stored_request
from payments.calls.workflow import KeySpent, answered, ask
from payments.collection import card_operations as cards
from payments.collection import charge_operations as charges
from payments.collection import queries
from payments.collection.queries import ChargeRow
from payments.collection.rules import CHECKOUT_USABLE, NothingToPay, may_be_debited
from payments.collection.trouble_rules import same_way_may_help, trouble_of
from payments.gateway import Gateway
from payments.provider import (
    Answer,
    FailedAtProvider,
    Intent,
    OutcomeUnknown,
    Request,
    read_intent,
    read_setup,
)
from payments.requests import (
    cancel_intent,
    confirm_intent_by_ideal,
    confirm_intent_off_session,
    confirm_intent_on_session,
    create_customer,
    create_intent,
    create_setup,
    detach_method,
)

FORGET_AGAIN_AFTER = timedelta(hours=1)
_log = log.logger()
PAYABLE = frozenset({"promised", "declined", "needs_action"})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the hosted page sends the donor back to, after saving a card and after giving up."""

    success_url: str
    cancel_url: str


def open_checkout(
    database: Database,
    gateway: Gateway,
    *,
    pledge_id: UUID,
    addresses: Addresses,
    now: datetime,
    is_other_card: bool = False,
) -> str:
    """Return the address of a hosted page on which the donor saves a card or a bank account for this pledge.

    A bank account only for what may be debited; not to fill a gap, which is charged at once and a debit never is.

    The page opened before is given again while it is usable. `is_other_card`: also for a pledge that has its card,
    until its deadline. Raises NothingToPay when the pledge is already secured or settled, OutcomeUnknown when the
    provider cannot be reached: the pledge stays, try again.
    """
    with database.transaction() as session:
        pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
        latest = queries.latest_checkout(session, pledge_id=pledge_id)
        customer_ref = queries.customer_ref(session, person_id=pledge.person_id)
        campaign = campaign_facts(session, initiative_id=pledge.initiative_id)
        terms = queries.debit_terms(session, municipality_id=pledge.municipality_id)
    facts = CampaignFacts(state=campaign.state, deadline_at=campaign.deadline_at)
    may_replace = is_other_card and may_be_changed(campaign=facts, pledge_state=pledge.state, way=pledge.way, now=now)
    if (pledge.state not in PAYABLE and not may_replace) or pledge.way in OFFLINE_WAYS:
        raise NothingToPay
    if latest is not None and latest.state == "open" and now - latest.created_at < CHECKOUT_USABLE:
        return latest.url
    if customer_ref is None:
        answer = ask(database, gateway, request=create_customer(person_id=pledge.person_id), now=now)
        customer_ref = str(answer.facts["ref"])
        with database.transaction() as session:
            cards.record_customer(session, person_id=pledge.person_id, customer_ref=customer_ref)
    number = latest.number + 1 if latest is not None else 1
    fills_gap = pledge.state == "promised" and campaign.state == "collecting"
    takes_accounts = not fills_gap and may_be_debited(amount=Money(pledge.amount_cents), terms=terms)
    locale: Literal["nl", "en"] = "en" if pledge.locale == "en" else "nl"

    def page(number: int) -> Request:
        return create_setup(
            pledge_id=pledge_id,
            number=number,
            customer_ref=customer_ref,
            locale=locale,
            success_url=addresses.success_url,
            cancel_url=addresses.cancel_url,
            takes_accounts=takes_accounts,
        )

    try:
        answer = ask(database, gateway, request=page(number), now=now)
    except KeyUsedOtherwise:
        # The first try had other addresses: whatever became of that page, nobody was sent to it.
        number += 1
        answer = ask(database, gateway, request=page(number), now=now)
    setup = read_setup(answer.facts)
    with database.transaction() as session:
        cards.record_checkout(
            session, pledge_id=pledge_id, number=number, session_ref=setup.ref, url=str(setup.url), now=now
        )
    return str(setup.url)


def finish_checkout(database: Database, gateway: Gateway, *, session_ref: str, now: datetime) -> None:
    """Look at the provider what a hosted page came to, and apply it. Safe to call as often as you like."""
    setup = gateway.fetch_setup(session_ref)
    with database.transaction() as session:
        pledge = cards.record_setup(session, setup=setup, now=now)
        checkout = queries.checkout(session, session_ref=session_ref)
    if pledge is None or checkout is None or setup.method_ref is None:
        return
    if checkout.state == "refused":
        ask(database, gateway, request=detach_method(pledge_id=pledge.id, method_ref=setup.method_ref), now=now)
    elif pledge.state in {"abandoned", "withdrawn"}:
        forget_card(database, gateway, pledge_id=pledge.id, now=now)


def finish_latest_checkout(database: Database, gateway: Gateway, *, pledge_id: UUID, now: datetime) -> None:
    """Apply the last hosted page of a pledge, when we do not know its end yet: what the return page does."""
    with database.reading() as session:
        latest = queries.latest_checkout(session, pledge_id=pledge_id)
    if latest is not None and latest.state == "open":
        finish_checkout(database, gateway, session_ref=latest.session_ref, now=now)


def charge(database: Database, gateway: Gateway, *, pledge_id: UUID, now: datetime) -> None:
    """Bring one leased charge as far as it goes without its donor. Resumes wherever it stopped.

    Raises OutcomeUnknown when the provider cannot tell: the lease ends and another worker asks again.
    """
    with database.transaction() as session:
        planned = queries.charge(session, pledge_id=pledge_id)
        if planned is None:
            return
        if planned.intent_ref is None:
            creation = begin_call(session, request=_creation_of(planned), now=now)
            confirmation = None
        else:
            creation = None
            confirmation = _begin_confirm(session, pledge_id=pledge_id, now=now, build=_off_session)

    def created(session: Session, answer: Answer) -> _Confirmation | None:
        if answer.outcome == "refused":
            code = str(answer.facts.get("code") or "refused")
            charges.record_never_made(session, pledge_id=pledge_id, code=code, now=now)
            return None
        charges.record_created(session, pledge_id=pledge_id, intent_ref=str(answer.facts["ref"]))
        return _begin_confirm(session, pledge_id=pledge_id, now=now, build=_off_session)

    if creation is not None:
        confirmation = answered(database, gateway, call=creation, now=now, record=created)
    if confirmation is not None:
        _confirm(database, gateway, confirmation=confirmation, now=now)


def pay_now(
    database: Database, gateway: Gateway, *, pledge_id: UUID, return_url: str, now: datetime, by_ideal: bool = False
) -> str | None:
    """Charge with the donor present, and return the address of their bank when it wants to see them, else None.

    With what they saved, or `by_ideal`: the same payment, so never a second one beside it. Raises NothingToPay when
    the charge is not waiting for its donor, is being worked on at this moment, or the bank said not to try this again.
    """
    with database.transaction() as session:
        waiting = queries.charge(session, pledge_id=pledge_id)
        is_ours = (
            waiting is not None
            and waiting.state in {"declined", "needs_action"}
            and (by_ideal or _may_help(waiting))
            and charges.lease_charge(session, pledge_id=pledge_id)
        )
    if not is_ours:
        raise NothingToPay

    def on_session(charge_row: ChargeRow) -> Request:
        if by_ideal:
            return confirm_intent_by_ideal(
                pledge_id=pledge_id,
                number=charge_row.confirm_number,
                intent_ref=str(charge_row.intent_ref),
                return_url=return_url,
            )
        return confirm_intent_on_session(
            pledge_id=pledge_id,
            number=charge_row.confirm_number,
            intent_ref=str(charge_row.intent_ref),
            method_ref=charge_row.method_ref,
            return_url=return_url,
        )

    with database.transaction() as session:
        confirmation = _begin_confirm(session, pledge_id=pledge_id, now=now, build=on_session, by_ideal=by_ideal)
    intent = _confirm(database, gateway, confirmation=confirmation, now=now) if confirmation is not None else None
    return intent.redirect_url if intent is not None else None


def _may_help(waiting: ChargeRow) -> bool:
    trouble = trouble_of(waiting.decline_code, by_ideal=waiting.way == "ideal")
    return waiting.state == "needs_action" or same_way_may_help(trouble, may_retry=waiting.may_retry)


def withdraw(database: Database, gateway: Gateway, *, pledge_id: UUID, actor: Actor, now: datetime) -> PledgeRow:
    """Take a contribution back for its donor and return it, with its match released.

    A payment that waits for the donor is cancelled at the provider first, so that it can never take money
    afterwards. Twice is once. Raises TooLateToWithdraw, PledgeCannotBecome when it is being charged or was paid
    meanwhile, OutcomeUnknown when the provider cannot be reached: nothing was changed, try again.
    """
    with database.transaction() as session:
        waiting = queries.charge(session, pledge_id=pledge_id)
        if waiting is None:
            withdrawn = pledges.withdraw_pledge(session, pledge_id=pledge_id, actor=actor, now=now)
            release_match(session, pledge_id=pledge_id, now=now)
            return withdrawn
        if pledge_queries.pledge(session, pledge_id=pledge_id).state == "withdrawn":
            return pledge_queries.pledge(session, pledge_id=pledge_id)
        is_ours = waiting.state in {"declined", "needs_action"} and charges.lease_charge(session, pledge_id=pledge_id)
    if not is_ours:
        raise PledgeCannotBecome
    intent = _cancelled(database, gateway, pledge_id=pledge_id, intent_ref=str(waiting.intent_ref), now=now)
    if intent.status == "canceled":
        with database.transaction() as session:
            return charges.record_withdrawn(session, pledge_id=pledge_id, actor=actor, now=now)
    # Paid at the bank a moment before: that stands, and is booked.
    refresh_charge(database, gateway, pledge_id=pledge_id, intent_ref=str(waiting.intent_ref), now=now)
    raise PledgeCannotBecome


def _off_session(charge_row: ChargeRow) -> Request:
    return confirm_intent_off_session(
        pledge_id=charge_row.pledge_id,
        number=charge_row.confirm_number,
        intent_ref=str(charge_row.intent_ref),
        method_ref=charge_row.method_ref,
    )


def _creation_of(planned: ChargeRow) -> Request:
    return create_intent(
        pledge_id=planned.pledge_id,
        initiative_id=planned.initiative_id,
        amount=Money(planned.amount_cents),
        customer_ref=planned.customer_ref,
    )


@dataclass(frozen=True, slots=True)
class _Confirmation:
    """A stored request to take the money: the call, and of which pledge it is the how manieth."""

    pledge_id: UUID
    number: int
    call: BegunCall


def _begin_confirm(
    session: Session, *, pledge_id: UUID, now: datetime, build: Callable[[ChargeRow], Request], by_ideal: bool = False
) -> _Confirmation | None:
    found = queries.charge(session, pledge_id=pledge_id)
    begun = found
    if found is not None and found.state != "confirming":
        begun = charges.begin_confirm(session, pledge_id=pledge_id, now=now, by_ideal=by_ideal)
    if begun is None:
        return None
    request = build(begun)
    # A confirmation that was under way is repeated to the letter, also when it began with the donor present.
    request = stored_request(session, key=request.key) or request
    call = begin_call(session, request=request, now=now)
    return _Confirmation(pledge_id=pledge_id, number=begun.confirm_number, call=call)


def _confirm(database: Database, gateway: Gateway, *, confirmation: _Confirmation, now: datetime) -> Intent | None:
    """Send a confirmation and record what it came to; None when it left no trace, so another may begin."""
    pledge_id, number = confirmation.pledge_id, confirmation.number

    def record(session: Session, answer: Answer) -> tuple[Answer, Intent | None]:
        if "status" not in answer.facts:
            return answer, None
        intent = read_intent(answer.facts)
        charges.record_intent(session, pledge_id=pledge_id, intent=intent, now=now, answers=number)
        return answer, intent

    answer: Answer | None = None
    try:
        answer, intent = answered(database, gateway, call=confirmation.call, now=now, record=record)
    except (FailedAtProvider, KeySpent):
        intent = None
    if intent is not None:
        return intent
    # Refused without an intent (the card is gone, or it was settled meanwhile), or an answer that says nothing.
    intent = _seen_after(gateway, intent_ref=confirmation.call.request.target, answer=answer)
    with database.transaction() as session:
        if intent is None:
            charges.forget_confirm(session, pledge_id=pledge_id, number=number, now=now)
        else:
            charges.record_intent(session, pledge_id=pledge_id, intent=intent, now=now, answers=number)
    return intent


def _seen_after(gateway: Gateway, *, intent_ref: str, answer: Answer | None) -> Intent | None:
    """Return what the provider shows after a confirmation without a clear reply; None when it shows no trace of it."""
    intent = gateway.fetch_intent(intent_ref)
    shows_no_attempt = intent.status in {"requires_payment_method", "requires_confirmation"} and intent.code is None
    if not shows_no_attempt:
        return intent
    return replace(intent, status="requires_payment_method", code=str(answer.facts["code"])) if answer else None


def refresh_charge(database: Database, gateway: Gateway, *, pledge_id: UUID, intent_ref: str, now: datetime) -> None:
    """Look at the provider how a payment stands, and apply it: what webhooks, the return page and sweeps do."""
    intent = gateway.fetch_intent(intent_ref)
    with database.transaction() as session:
        charges.record_intent(session, pledge_id=pledge_id, intent=intent, now=now, answers=None)


def give_up(database: Database, gateway: Gateway, *, pledge_id: UUID, now: datetime) -> None:
    """End a charge whose grace is over: cancel its intent, so that it can never take money, and forget the card."""
    with database.reading() as session:
        charge_row = queries.charge(session, pledge_id=pledge_id)
    if charge_row is None or charge_row.intent_ref is None:
        return
    intent = _cancelled(database, gateway, pledge_id=pledge_id, intent_ref=charge_row.intent_ref, now=now)
    with database.transaction() as session:
        charges.record_intent(session, pledge_id=pledge_id, intent=intent, now=now, answers=None)


def _cancelled(database: Database, gateway: Gateway, *, pledge_id: UUID, intent_ref: str, now: datetime) -> Intent:
    """Return the intent after cancelling it; it may have succeeded a moment before."""
    answer = ask(database, gateway, request=cancel_intent(pledge_id=pledge_id, intent_ref=intent_ref), now=now)
    # Refused means it was paid or cancelled already: the fetched intent says which.
    return read_intent(answer.facts) if "status" in answer.facts else gateway.fetch_intent(intent_ref)


def forget_card(database: Database, gateway: Gateway, *, pledge_id: UUID, now: datetime) -> None:
    """Detach the saved card of a pledge that will not be charged (again); do nothing when it is gone already."""
    with database.reading() as session:
        method = queries.saved_method(session, pledge_id=pledge_id)
    if method is None or method.detached_at is not None:
        return
    ask(database, gateway, request=detach_method(pledge_id=pledge_id, method_ref=method.method_ref), now=now)
    with database.transaction() as session:
        cards.record_detached(session, pledge_id=pledge_id, method_ref=method.method_ref, now=now)


def forget_unneeded_cards(database: Database, gateway: Gateway, *, machine_now: datetime, now: datetime) -> int:
    """Have the provider forget cards that will never be charged again, or were replaced; return how many were tried.

    One that could not be forgotten now is tried again an hour later.
    """
    with database.transaction() as session:
        pledges = cards.lease_unneeded_cards(session, not_since=machine_now - FORGET_AGAIN_AFTER, now=machine_now)
    for pledge_id in pledges:
        try:
            forget_card(database, gateway, pledge_id=pledge_id, now=now)
        except OutcomeUnknown as unknown:
            _log.warning("card_not_forgotten", pledge_id=str(pledge_id), error=str(unknown))
    return len(pledges) + _forget_replaced(database, gateway, machine_now=machine_now, now=now)


def _forget_replaced(database: Database, gateway: Gateway, *, machine_now: datetime, now: datetime) -> int:
    with database.transaction() as session:
        replaced = cards.lease_replaced_cards(session, not_since=machine_now - FORGET_AGAIN_AFTER, now=machine_now)
    for pledge_id, method_ref in replaced:
        try:
            ask(database, gateway, request=detach_method(pledge_id=pledge_id, method_ref=method_ref), now=now)
        except OutcomeUnknown as unknown:
            _log.warning("card_not_forgotten", pledge_id=str(pledge_id), error=str(unknown))
            continue
        with database.transaction() as session:
            cards.record_replaced_detached(session, method_ref=method_ref, now=now)
    return len(replaced)
