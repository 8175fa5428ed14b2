"""The words we share with the payment provider: what is asked, what is answered, and the few facts we keep of it.

No SDK here: `gateway.py` speaks it, everything else speaks these.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing asked of the provider, complete enough to be stored and sent again to the letter."""

    operation: str
    key: str
    parameters: Mapping[str, Any]
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A known outcome. A refusal can carry facts too: the intent that was declined."""

    outcome: Literal["succeeded", "refused"]
    facts: Facts


class OutcomeUnknown(Exception):
    """The provider may or may not have done it: a lost reply, a 5xx, a 409 or a 429. Ask again with the same key."""


class FailedAtProvider(OutcomeUnknown):
    """The provider answered 5xx. Its key is spent: asked again with it, the provider repeats this answer."""


class NotAuthentic(Exception):
    """A webhook without a valid signature: somebody else is knocking."""


class LiveKeyRefused(Exception):
    """A live key was given where only test money is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Where the one payment of a pledge stands, as the provider says."""

    ref: str
    status: str
    charge_ref: str | None
    code: str | None
    decline_code: str | None
    advice_code: str | None
    redirect_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedSetup:
    """A visit to the hosted page that saves a way to pay; `method_ref` is filled once it is complete.

    `kind` is what was saved: a card, or a bank account that may be debited. `way` is how: iDEAL saves an account.
    """

    ref: str
    status: str
    url: str | None
    method_ref: str | None
    customer_ref: str | None
    fingerprint: str
    brand: str
    last4: str
    kind: str = "card"
    way: str = "card"
    mandate_reference: str = ""
    mandate_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """A payment that is wanted back. `is_withdrawn` says that the amount, and the fee, left our balance; in cents."""

    ref: str
    intent_ref: str
    status: str
    reason: str
    amount_cents: int
    fee_cents: int
    is_withdrawn: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """A refund as it stands. `came_back`: it did not reach the donor, and its amount is on our balance again."""

    ref: str
    came_back: bool
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing the provider tells us. We act on the object after fetching it, not on the message."""

    id: str
    type: str
    object_ref: str
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement on the provider's balance: what it was for, how much, and what it cost, in cents."""

    ref: str
    source_ref: str
    type: str
    amount_cents: int
    fee_cents: int
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment as the provider keeps it, for comparing with our books. Amounts in cents."""

    ref: str
    pledge_id: str
    status: str
    amount_cents: int
    received_cents: int


# --- Facts: what we keep of an answer -------------------------------------------------------------------------


def intent_facts(intent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what we keep of a payment intent."""
    error = intent.get("last_payment_error") or {}
    action = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    latest = intent.get("latest_charge")
    return {
        "ref": intent["id"],
        "status": intent["status"],
        "charge_ref": latest["id"] if isinstance(latest, Mapping) else latest,
        "code": error.get("code"),
        "decline_code": error.get("decline_code"),
        "advice_code": error.get("advice_code"),
        "redirect_url": action.get("url"),
    }


def account_behind_ideal(session: Mapping[str, Any]) -> str | None:
    """Return the reference of the bank account that a visit to iDEAL made known, or None when there was none."""
    intent = session.get("setup_intent")
    attempt = intent.get("latest_attempt") if isinstance(intent, Mapping) else None
    details = (attempt.get("payment_method_details") or {}) if isinstance(attempt, Mapping) else {}
    made = (details.get("ideal") or {}).get("generated_sepa_debit")
    return str(made["id"] if isinstance(made, Mapping) else made) if made else None


def setup_facts(session: Mapping[str, Any], *, account: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what we keep of a hosted page, and of the card or bank account saved on it.

    `account` is the one a visit to iDEAL made known: the visit itself cannot be used again.
    """
    intent = session.get("setup_intent")
    intent = intent if isinstance(intent, Mapping) else {}
    used = intent.get("payment_method")
    method = account or used
    kind = str(method["type"]) if isinstance(method, Mapping) else "card"
    saved = (method.get(kind) or {}) if isinstance(method, Mapping) else {}
    mandate = intent.get("mandate")
    details = (mandate.get("payment_method_details") or {}) if isinstance(mandate, Mapping) else {}
    terms = details.get("sepa_debit") or {}
    return {
        "ref": session["id"],
        "status": session["status"],
        "url": session.get("url"),
        "method_ref": method["id"] if isinstance(method, Mapping) else method,
        "customer_ref": session.get("customer"),
        "fingerprint": saved.get("fingerprint") or "",
        "brand": saved.get("brand") or saved.get("bank_code") or "",
        "last4": saved.get("last4") or "",
        "kind": kind,
        "way": str(used["type"]) if isinstance(used, Mapping) else kind,
        "mandate_reference": terms.get("reference") or "",
        "mandate_url": terms.get("url") or "",
    }


def _ref_and_status(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"ref": thing["id"], "status": thing.get("status")}


def account_facts(account: Mapping[str, Any]) -> dict[str, Any]:
    """Return what we keep of a payee: whether it may receive transfers."""
    recipient = (account.get("configuration") or {}).get("recipient") or {}
    transfers = ((recipient.get("capabilities") or {}).get("stripe_balance") or {}).get("stripe_transfers") or {}
    return {"ref": account["id"], "status": transfers.get("status")}


def _link_facts(link: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": link["url"]}


def read_intent(facts: Facts) -> Intent:
    """Return the intent that `facts` describe."""
    return Intent(**facts)


def read_setup(facts: Facts) -> HostedSetup:
    """Return the hosted setup that `facts` describe."""
    return HostedSetup(**facts)


def read_dispute(dispute: Mapping[str, Any]) -> DisputeFacts:
    """Return what we keep of a dispute."""
    movements = dispute.get("balance_transactions") or []
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    return DisputeFacts(
        ref=dispute["id"],
        intent_ref=str(dispute.get("payment_intent")),
        status=dispute["status"],
        reason=str(dispute.get("reason") or ""),
        amount_cents=dispute["amount"],
        fee_cents=sum(movement["fee"] for movement in movements),
        is_withdrawn=bool(movements),
        due_at=datetime.fromtimestamp(due_by, tz=UTC) if due_by else None,
    )


def read_refund(refund: Mapping[str, Any]) -> RefundFacts:
    """Return what we keep of a refund."""
    return RefundFacts(
        ref=refund["id"],
        came_back=refund.get("status") in {"failed", "canceled"},
        failure=str(refund.get("failure_reason") or "unknown"),
    )


FACTS_OF: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "customers.create": _ref_and_status,
    "checkout.sessions.create": setup_facts,
    "payment_intents.create": intent_facts,
    "payment_intents.confirm": intent_facts,
    "payment_intents.cancel": intent_facts,
    "payment_methods.detach": _ref_and_status,
    "refunds.create": _ref_and_status,
    "v2.core.accounts.create": account_facts,
    "v2.core.account_links.create": _link_facts,
    "disputes.update": _ref_and_status,
    "transfers.create": _ref_and_status,
    "transfers.reversals.create": _ref_and_status,
}


def made_for(things: Iterable[dict[str, Any]], *, name: str, wanted: UUID) -> str | None:
    """Return the reference of the thing whose metadata `name` is `wanted`, or None."""
    return next((str(thing["id"]) for thing in things if (thing.get("metadata") or {}).get(name) == str(wanted)), None)


def read_event(event: Mapping[str, Any]) -> Event:
    """Return what we keep of an event: where to look."""
    about = event["data"]["object"]
    return Event(id=event["id"], type=event["type"], object_ref=str(about["id"]), created=int(event["created"]))


def read_movement(movement: Mapping[str, Any]) -> Movement:
    """Return what we keep of a movement on the balance."""
    return Movement(
        ref=movement["id"],
        source_ref=str(movement["source"]),
        type=movement["type"],
        amount_cents=movement["amount"],
        fee_cents=movement["fee"],
        created=movement["created"],
    )


def read_payment(intent: Mapping[str, Any]) -> Payment:
    """Return what we compare with our books of a payment intent."""
    return Payment(
        ref=intent["id"],
        pledge_id=str((intent.get("metadata") or {}).get("pledge_id", "")),
        status=intent["status"],
        amount_cents=intent["amount"],
        received_cents=intent.get("amount_received") or 0,
    )
