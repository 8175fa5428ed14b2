"""Speaking with the payment provider: the only file that says `import stripe`.

`Gateway.send` sends a stored request (`requests.py` makes them), and says honestly whether its outcome is known. The
rest fetches what stands there now, reduced to the facts of `provider.py`: never a name, an address or a card number.

Source: docs/money.md, "When the provider does not answer clearly".
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID

import requests
import stripe
from requests.adapters import HTTPAdapter

from crowd.shared import log
from crowd.shared.db import refuse_inside_transaction
from payments.provider import (
    FACTS_OF,
    Answer,
    DisputeFacts,
    Event,
    FailedAtProvider,
    HostedSetup,
    Intent,
    LiveKeyRefused,
    Movement,
    NotAuthentic,
    OutcomeUnknown,
    Payment,
    RefundFacts,
    Request,
    account_behind_ideal,
    account_facts,
    intent_facts,
    made_for,
    read_dispute,
    read_event,
    read_intent,
    read_movement,
    read_payment,
    read_refund,
    read_setup,
    setup_facts,
)

_Result = TypeVar("_Result")
_SERVER_ERROR = 500
CONNECTIONS_MAX = 16
_SAVED = ["setup_intent.payment_method", "setup_intent.mandate", "setup_intent.latest_attempt"]
# What the provider calls the movement of a payment: by card, and by any other way.
_PAYMENTS = frozenset({"charge", "payment"})
_log = log.logger()


class Gateway:
    """The provider, over HTTP. Never called while a transaction is open; never retries by itself.

    `api_base` overrides where calls go (the sandbox of `make run`); `wait_for_turn` blocks until the shared
    rate allows one more call.
    """

    def __init__(
        self,
        *,
        api_key: str,
        api_base: str = "",
        timeout_seconds: int = 20,
        live_allowed: bool = False,
        webhook_secret: str = "",
        wait_for_turn: Callable[[str], None] = lambda _endpoint: None,
    ) -> None:
        if not api_key.startswith(("sk_test_", "rk_test_")) and not live_allowed:
            raise LiveKeyRefused
        self._webhook_secret = webhook_secret
        self._wait_for_turn = wait_for_turn
        # The SDK's own line per call is not structured and holds whole addresses; `provider_call` says the same.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        # One session for all threads: the SDK would open one per thread, and with it a new connection each time.
        self._session = requests.Session()
        # A proxy of the environment is for the way to the provider, not for a sandbox on this machine.
        self._session.trust_env = not api_base
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS_MAX, pool_block=True))
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=timeout_seconds, session=self._session),
        )

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def send(self, request: Request) -> Answer:
        """Send `request` and return its known outcome. Raises OutcomeUnknown when nobody can tell."""
        send = self._senders()[request.operation]
        reduce = FACTS_OF[request.operation]
        return self._observed(request.operation, lambda: _answer(send, request, reduce))

    def fetch_intent(self, intent_ref: str) -> Intent:
        """Return the payment intent as it is now."""
        found = self._observed(
            "payment_intents.retrieve", lambda: self._client.v1.payment_intents.retrieve(intent_ref).to_dict()
        )
        return read_intent(intent_facts(found))

    def fetch_setup(self, session_ref: str) -> HostedSetup:
        """Return the hosted setup as it is now, with the saved card or bank account when there is one."""
        found = self._observed(
            "checkout.sessions.retrieve",
            lambda: self._client.v1.checkout.sessions.retrieve(session_ref, {"expand": _SAVED}).to_dict(),
        )
        account_ref = account_behind_ideal(found)
        if account_ref is None:
            return read_setup(setup_facts(found))
        account = self._observed(
            "payment_methods.retrieve", lambda: self._client.v1.payment_methods.retrieve(account_ref).to_dict()
        )
        return read_setup(setup_facts(found, account=account))

    def fetch_dispute(self, dispute_ref: str) -> DisputeFacts:
        """Return the dispute as it is now."""
        return read_dispute(
            self._observed("disputes.retrieve", lambda: self._client.v1.disputes.retrieve(dispute_ref).to_dict())
        )

    def fetch_refund(self, refund_ref: str) -> RefundFacts:
        """Return the refund as it is now."""
        return read_refund(
            self._observed("refunds.retrieve", lambda: self._client.v1.refunds.retrieve(refund_ref).to_dict())
        )

    def refunds_that_came_back(self, *, since: int) -> list[str]:
        """Return the references of the refunds whose money is on our balance again since then (Unix seconds)."""
        found = self._listed(
            "balance_transactions.list",
            lambda: self._client.v1.balance_transactions.list(
                {"limit": 100, "type": "refund_failure", "created": {"gte": since}}
            ),
        )
        return [movement.source_ref for movement in map(read_movement, found)]

    def fetch_account_status(self, account_ref: str) -> str:
        """Return whether the payee's account can receive transfers: "active", "pending", "restricted" ..."""
        found = self._observed(
            "v2.core.accounts.retrieve",
            lambda: self._client.v2.core.accounts.retrieve(
                account_ref, {"include": ["configuration.recipient"]}
            ).to_dict(),
        )
        return str(account_facts(found)["status"])

    def balance_movements(self, *, since: int) -> list[Movement]:
        """Return every movement on our balance created at or after `since` (Unix seconds), oldest first."""
        found = map(read_movement, self._listed("balance_transactions.list", lambda: self._movements(since)))
        return sorted(found, key=lambda movement: (movement.created, movement.ref))

    def moves_to_bank(self, *, since: int) -> list[Movement]:
        """Return every payout to our own bank account and every top-up from it since then (Unix seconds)."""
        found = [
            movement
            for kind in ("payout", "topup")
            for movement in map(read_movement, self._listed("balance_transactions.list", self._of_kind(kind, since)))
        ]
        return sorted(found, key=lambda movement: (movement.created, movement.ref))

    def _of_kind(self, kind: str, since: int) -> Callable[[], stripe.ListObject[stripe.BalanceTransaction]]:
        return lambda: self._client.v1.balance_transactions.list(
            {"limit": 100, "type": kind, "created": {"gte": since}}
        )

    def movements_of_charges(self, charge_refs: Collection[str], *, since: int) -> list[Movement]:
        """Return what these charges moved on our balance since then (Unix seconds), as far as it is known by now.

        Asks for no more pages than it takes to find them all: the list begins with the newest.
        """
        missing, found = set(charge_refs), []
        for movement in map(read_movement, self._listed("balance_transactions.list", lambda: self._movements(since))):
            if movement.type in _PAYMENTS and movement.source_ref in missing:
                found.append(movement)
                missing.discard(movement.source_ref)
                if not missing:
                    break
        return found

    def movement_of_charge(self, charge_ref: str) -> Movement | None:
        """Return what one charge moved on our balance, whenever that was, or None when that is not known yet."""
        found = self._listed(
            "balance_transactions.list",
            lambda: self._client.v1.balance_transactions.list({"limit": 100, "source": charge_ref}),
        )
        return next((movement for movement in map(read_movement, found) if movement.type in _PAYMENTS), None)

    def _movements(self, since: int) -> stripe.ListObject[stripe.BalanceTransaction]:
        return self._client.v1.balance_transactions.list({"limit": 100, "created": {"gte": since}})

    def find_refund(self, *, refund_id: UUID, charge_ref: str) -> str | None:
        """Return the provider's refund that we asked for under this id, or None when there is none."""
        found = self._observed(
            "refunds.list",
            lambda: [refund.to_dict() for refund in self._client.v1.refunds.list({"charge": charge_ref}).data],
        )
        return made_for(found, name="refund_id", wanted=refund_id)

    def find_transfer(self, *, line_id: UUID, initiative_id: UUID) -> str | None:
        """Return the provider's transfer that we asked for under this id, or None when there is none."""
        found = self._listed(
            "transfers.list",
            lambda: self._client.v1.transfers.list({"transfer_group": str(initiative_id), "limit": 100}),
        )
        return made_for(found, name="payout_line_id", wanted=line_id)

    def find_reversal(self, *, reversal_id: UUID, transfer_ref: str) -> str | None:
        """Return the provider's reversal that we asked for under this id, or None when there is none."""
        found = self._listed(
            "transfers.reversals.list", lambda: self._client.v1.transfers.reversals.list(transfer_ref, {"limit": 100})
        )
        return made_for(found, name="reversal_id", wanted=reversal_id)

    def payments(self) -> list[Payment]:
        """Return every payment the provider knows of ours, whatever its state."""
        found = self._listed("payment_intents.list", lambda: self._client.v1.payment_intents.list({"limit": 100}))
        return [read_payment(intent) for intent in found]

    def balance_cents(self) -> int:
        """Return our whole balance at the provider: what is available and what is on its way to us."""
        balance = self._observed("balance.retrieve", lambda: self._client.v1.balance.retrieve().to_dict())
        return sum(part["amount"] for part in (*balance["available"], *balance["pending"]) if part["currency"] == "eur")

    def events_since(self, event_id: str | None) -> list[Event]:
        """Return the provider's events after `event_id` (all it still has, when None), oldest first."""
        found = self._listed(
            "events.list",
            lambda: self._client.v1.events.list(
                {"limit": 100, "ending_before": event_id} if event_id else {"limit": 100}
            ),
        )
        return sorted(map(read_event, found), key=lambda event: (event.created, event.id))

    def verified_event(self, *, payload: bytes, signature: str) -> Event:
        """Return the event in a webhook's raw body. Raises NotAuthentic when the signature is not the provider's."""
        try:
            event = self._client.construct_event(payload, signature, self._webhook_secret)
        except (stripe.SignatureVerificationError, ValueError) as forged:
            raise NotAuthentic from forged
        return read_event(event.to_dict())

    def _listed(self, operation: str, first_page: Callable[[], stripe.ListObject[Any]]) -> Iterator[dict[str, Any]]:
        """Yield everything on this list, page after page. Each page is a call like any other and waits for its turn.

        Every page but the first is asked for when it is needed. A list that goes forward in time (`ending_before`)
        comes oldest first, page by page.
        """
        page = self._observed(operation, first_page)
        while page.data:
            things = [thing.to_dict() for thing in page.data]
            forward = "ending_before" in page._retrieve_params  # noqa: SLF001  as the SDK's own paging asks it
            yield from reversed(things) if forward else things
            if not page.has_more:
                return
            page = self._observed(operation, page.previous_page if forward else page.next_page)

    def _observed(self, operation: str, call: Callable[[], _Result]) -> _Result:
        refuse_inside_transaction()
        self._wait_for_turn(operation)
        started = time.perf_counter()
        outcome = "unknown"
        try:
            result = call()
        except stripe.StripeError as error:
            outcome = type(error).__name__
            is_server_error = (error.http_status or 0) >= _SERVER_ERROR
            raise (FailedAtProvider if is_server_error else OutcomeUnknown)(outcome) from error
        else:
            outcome = "answered"
            return result
        finally:
            duration_ms = round((time.perf_counter() - started) * 1000, 1)
            _log.info("provider_call", operation=operation, outcome=outcome, duration_ms=duration_ms)

    def _senders(self) -> dict[str, Callable[[str, Any, stripe.RequestOptions], Any]]:
        v1, v2 = self._client.v1, self._client.v2
        return {
            "customers.create": lambda _, parameters, options: v1.customers.create(parameters, options),
            "checkout.sessions.create": lambda _, parameters, options: v1.checkout.sessions.create(parameters, options),
            "payment_intents.create": lambda _, parameters, options: v1.payment_intents.create(parameters, options),
            "payment_intents.confirm": v1.payment_intents.confirm,
            "payment_intents.cancel": v1.payment_intents.cancel,
            "payment_methods.detach": v1.payment_methods.detach,
            "refunds.create": lambda _, parameters, options: v1.refunds.create(parameters, options),
            "v2.core.accounts.create": lambda _, parameters, options: v2.core.accounts.create(parameters, options),
            "v2.core.account_links.create": lambda _, parameters, options: v2.core.account_links.create(
                parameters, options
            ),
            "disputes.update": v1.disputes.update,
            "transfers.reversals.create": v1.transfers.reversals.create,
            "transfers.create": lambda _, parameters, options: v1.transfers.create(parameters, options),
        }


def _answer(
    send: Callable[[str, Any, stripe.RequestOptions], Any],
    request: Request,
    reduce: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> Answer:
    try:
        reply = send(request.target, dict(request.parameters), {"idempotency_key": request.key})
    except stripe.CardError as declined:
        intent = declined.error.payment_intent if declined.error else None
        if intent is None:
            return Answer(outcome="refused", facts={"code": declined.code})
        return Answer(outcome="refused", facts=intent_facts(intent.to_dict()))
    except (stripe.InvalidRequestError, stripe.IdempotencyError) as refused:
        # 409 (the same key is being handled right now) and 429 arrive as their own kinds, or with these codes.
        if refused.http_status in {409, 429}:
            raise
        return Answer(outcome="refused", facts={"code": refused.code or type(refused).__name__})
    return Answer(outcome="succeeded", facts=reduce(reply.to_dict()))
