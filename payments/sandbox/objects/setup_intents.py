"""Setup intents: the promise to save a payment method for later. Checkout makes and finishes them."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.objects import setup_attempts
from payments.sandbox.objects.payment_methods import attach_to
from payments.sandbox.operation import Call, get

AUTHENTICATION_FAILED: Json = {
    "code": "setup_intent_authentication_failure",
    "message": "The latest attempt to set up the payment method has failed because authentication failed.",
    "type": "invalid_request_error",
}
DECLINED_BY_HOLDER: Json = {
    "code": "payment_method_customer_decline",
    "message": "The customer cancelled on the bank's page.",
    "type": "invalid_request_error",
}


def add_setup_intent(act: Act, given: Json, *, customer: str | None, types: list[str]) -> Json:
    """A new setup intent for off-session use, as Checkout makes one per session."""
    identifier = new_id("seti")
    intent: Json = {
        "id": identifier,
        "object": "setup_intent",
        "allowed_payment_method_types": types,
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": new_id(f"{identifier}_secret"),
        "created": act.now,
        "customer": customer,
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": given.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": types,
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    act.store.insert(intent, created=act.now)
    record(act, "setup_intent.created", intent)
    return intent


def ask_authentication(act: Act, intent: Json, method: Json, *, url: str, return_url: str) -> None:
    """The bank wants its customer to confirm at `url` first."""
    setup_attempts.add_attempt(act, intent, method, status="requires_action")
    intent |= {
        "status": "requires_action",
        "payment_method": method["id"],
        "last_setup_error": None,
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": return_url},
        },
    }
    act.store.update(intent)
    record(act, "setup_intent.requires_action", intent)


def fail(act: Act, intent: Json, method: Json, error: Json) -> None:
    """This method was not saved; the donor may try another."""
    kept = {key: value for key, value in error.items() if value is not None}
    setup_attempts.end_attempt(act, intent, method, status="failed", error=kept)
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": kept,
    }
    act.store.update(intent)
    record(act, "setup_intent.setup_failed", intent)


def succeed(
    act: Act,
    intent: Json,
    method: Json,
    *,
    details: Json,
    saved: Json | None = None,
    mandate: str | None = None,
) -> None:
    """The method is saved: attached to the customer, if there is one, for off-session use.

    `details` are what the attempt tells by type. After iDEAL it is not the visit itself that is `saved` but the bank
    account behind it.
    """
    setup_attempts.end_attempt(act, intent, method, status="succeeded", details=details)
    kept = method if saved is None else saved
    if intent["customer"] is not None:
        attach_to(act, kept, intent["customer"])
    else:
        act.store.update(kept)
    intent |= {
        "status": "succeeded",
        "payment_method": method["id"],
        "mandate": mandate,
        "next_action": None,
        "last_setup_error": None,
    }
    act.store.update(intent)
    record(act, "setup_intent.succeeded", intent)


def cancel(act: Act, intent: Json, *, reason: str) -> None:
    """Nothing will be saved any more."""
    intent |= {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    act.store.update(intent)
    record(act, "setup_intent.canceled", intent)


def retrieve(act: Act, call: Call) -> Json:
    return act.load("setup_intent", call.ids["id"], param="intent", in_path=True)


OPERATIONS = (get("setup_intents.retrieve", "/v1/setup_intents/{id}", retrieve),)
