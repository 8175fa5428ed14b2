"""Payment intents: one payment from the first try to its end. Created unconfirmed, confirmed, done.

requires_payment_method -> (requires_confirmation) -> requires_action -> succeeded; or canceled.
A declined attempt leads back to requires_payment_method and forgets the method, as it does at Stripe.
"""

import contextlib

from payments.sandbox.act import Act
from payments.sandbox.cards import AUTHENTICATION_REQUIRED, Decline
from payments.sandbox.documents import Json, public
from payments.sandbox.errors import ApiError, CardRefused, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects import challenges
from payments.sandbox.objects.charges import add_charge
from payments.sandbox.objects.checkout_sessions import is_web_address, require_cards_only
from payments.sandbox.objects.payment_methods import card_of, decline_error, find_or_make, used_up
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import boolean, choice, group, integer, metadata, text, texts

LEAST_CENTS, MOST_CENTS = 50, 99_999_999
UNFINISHED = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_FAILED: Json = {
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a"
    " new PaymentMethod to attempt to fulfill this PaymentIntent again.",
    "type": "invalid_request_error",
}
CONFIRM_FIELDS = {
    "payment_method": text(),
    "off_session": choice("true", "false", "one_off", "recurring"),
    "return_url": text(),
    "receipt_email": text(longest=512),
}
CREATE_FIELDS = CONFIRM_FIELDS | {
    "amount": integer(required=True),
    "currency": text(required=True, longest=3),
    "allowed_payment_method_types": texts(),
    "automatic_payment_methods": group(
        {"enabled": boolean(required=True), "allow_redirects": choice("always", "never")}
    ),
    "capture_method": choice("automatic", "automatic_async"),
    "confirm": boolean(),
    "customer": text(),
    "description": text(longest=1000),
    "metadata": metadata(),
    "transfer_group": text(longest=255),
}


def create(act: Act, call: Call) -> Json:
    given = call.params
    confirm_now = given.get("confirm", False)
    _check_new(given, confirm_now=confirm_now)
    if "customer" in given:
        act.load("customer", given["customer"], param="customer")
    method = None
    if "payment_method" in given:
        method = find_or_make(act, given["payment_method"])
        _check_usable(method, customer=given.get("customer"))
    intent = _new_intent(act, given, method=method)
    links = {"customer": intent["customer"], "transfer_group": intent["transfer_group"]}
    act.store.insert(intent, created=act.now, links=links)
    record(act, "payment_intent.created", intent)
    return _confirm(act, intent, given) if confirm_now else intent


def _check_new(given: Json, *, confirm_now: bool) -> None:
    require_cards_only(given)
    if given["currency"].lower() != "eur":
        raise InvalidParameters(
            f"Invalid currency: {given['currency']}. This sandbox only knows eur.", param="currency"
        )
    if given["amount"] < LEAST_CENTS:
        raise InvalidParameters("Amount must be at least €0.50 eur", code="amount_too_small", param="amount")
    if given["amount"] > MOST_CENTS:
        raise InvalidParameters("Amount must be no more than €999,999.99", code="amount_too_large", param="amount")
    for param in ("off_session", "return_url"):
        if param in given and not confirm_now:
            raise InvalidParameters(f"`{param}` can only be passed when `confirm=true`.", param=param)


def _new_intent(act: Act, given: Json, *, method: Json | None) -> Json:
    identifier = new_id("pi")
    automatic = given.get("automatic_payment_methods")
    return {
        "id": identifier,
        "object": "payment_intent",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic and {"allow_redirects": "always"} | automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{identifier}_secret"),
        "confirmation_method": "automatic",
        "created": act.now,
        "currency": "eur",
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method and method["id"],
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None}
            | {"request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method" if method is None else "requires_confirmation",
        "transfer_data": None,
        "transfer_group": given.get("transfer_group"),
    }


def confirm(act: Act, call: Call) -> Json:
    return _confirm(act, _load(act, call), call.params)


def _confirm(act: Act, intent: Json, given: Json) -> Json:
    if intent["status"] not in UNFINISHED:
        why = (
            "it has already succeeded after being previously confirmed"
            if intent["status"] == "succeeded"
            else f"it has a status of {intent['status']}"
        )
        raise _unexpected(intent, f"You cannot confirm this PaymentIntent because {why}.")
    chosen = given.get("payment_method") or intent["payment_method"]
    if chosen is None:
        raise _unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either"
            " update the PaymentIntent with a payment method and then confirm it again, or confirm it again"
            " directly with a payment method or ConfirmationToken.",
        )
    return_url = given.get("return_url")
    off_session = given.get("off_session", "false") != "false"
    if return_url is not None and (off_session or not is_web_address(return_url)):
        raise ApiError(
            "`return_url` must be a web address and cannot be used with off_session.",
            code=None if off_session else "url_invalid",
            param="return_url",
        )
    method = find_or_make(act, chosen)
    _check_usable(method, customer=intent["customer"])
    if "receipt_email" in given:
        intent["receipt_email"] = given["receipt_email"]
    card = card_of(method)
    intent |= {"payment_method": method["id"], "next_action": None}
    if not card.wants_authentication(off_session=off_session, set_up=method["_set_up"]):
        return _settle(act, intent, method, authenticated=False)
    if off_session:
        return _decline(act, intent, method, AUTHENTICATION_REQUIRED, authenticated=False)
    return _ask_authentication(act, intent, method, return_url=return_url)


def _ask_authentication(act: Act, intent: Json, method: Json, *, return_url: str | None) -> Json:
    if return_url is None:
        raise ApiError(
            "This card asks for 3-D Secure. Without Stripe.js there is only the hosted page, so this sandbox"
            " needs a `return_url` to send the customer back to.",
            code="parameter_missing",
            param="return_url",
        )
    challenge = challenges.add_challenge(act, intent=intent, method=method, return_url=return_url)
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": challenge["url"], "return_url": return_url},
        },
        "_challenge": challenge["id"],
    }
    act.store.update(intent)
    record(act, "payment_intent.requires_action", intent)
    return intent


def _settle(act: Act, intent: Json, method: Json, *, authenticated: bool) -> Json:
    """The bank decides: the charge succeeds, or a CardRefused tells why not."""
    decline = card_of(method).charge_decline(method["_declines"])
    if decline is not None:
        return _decline(act, intent, method, decline, authenticated=authenticated)
    charge = add_charge(act, intent, method, decline=None, authenticated=authenticated)
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    act.store.update(intent)
    if method["customer"] is None:
        method["_used_up"] = True
        act.store.update(method)
    record(act, "payment_intent.succeeded", intent)
    return intent


def _decline(act: Act, intent: Json, method: Json, decline: Decline, *, authenticated: bool) -> Json:
    charge = add_charge(act, intent, method, decline=decline, authenticated=authenticated)
    if decline is not AUTHENTICATION_REQUIRED:
        method["_declines"] += 1
        act.store.update(method)
    error = decline_error(decline, method, charge=charge["id"])
    _back_to_start(act, intent, error, latest_charge=charge["id"])
    raise CardRefused(error, intent=public(intent))


def _back_to_start(act: Act, intent: Json, error: Json, *, latest_charge: str | None) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "latest_charge": latest_charge,
        "last_payment_error": {key: value for key, value in error.items() if value is not None},
    }
    act.store.update(intent)
    record(act, "payment_intent.payment_failed", intent)


def authenticated(act: Act, challenge: Json, *, confirmed: bool) -> str:
    """The donor came back from the bank's page; answers the address to send the browser to.

    Only the challenge the intent waits for decides anything: an older page in another tab does not.
    """
    intent = act.load("payment_intent", challenge["intent"], param="intent")
    challenges.close(act, challenge, status="succeeded" if confirmed else "failed")
    if intent["status"] == "requires_action" and intent.get("_challenge") == challenge["id"]:
        method = act.load("payment_method", challenge["payment_method"], param="payment_method")
        if not confirmed:
            error = AUTHENTICATION_FAILED | {"payment_method": public(method)}
            _back_to_start(act, intent, error, latest_charge=intent["latest_charge"])
        elif method["_used_up"]:
            _back_to_start(act, intent, used_up(method).body["error"], latest_charge=intent["latest_charge"])
        else:
            # The page answers with a redirect either way; the intent itself tells what went wrong.
            with contextlib.suppress(CardRefused):
                _settle(act, intent, method, authenticated=True)
    outcome = "succeeded" if intent["status"] == "succeeded" else "failed"
    address = str(challenge["return_url"])
    address, _, fragment = address.partition("#")
    joint = "&" if "?" in address else "?"
    return (
        f"{address}{joint}payment_intent={intent['id']}"
        f"&payment_intent_client_secret={intent['client_secret']}&redirect_status={outcome}"
        + (f"#{fragment}" if fragment else "")
    )


def cancel(act: Act, call: Call) -> Json:
    intent = _load(act, call)
    if intent["status"] not in UNFINISHED:
        raise _unexpected(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a"
            " PaymentIntent with one of the following statuses may be canceled: requires_payment_method,"
            " requires_capture, requires_confirmation, requires_action, processing.",
        )
    intent |= {
        "status": "canceled",
        "canceled_at": act.now,
        "cancellation_reason": call.params.get("cancellation_reason"),
        "next_action": None,
    }
    act.store.update(intent)
    record(act, "payment_intent.canceled", intent)
    return intent


def _check_usable(method: Json, *, customer: str | None) -> None:
    if method["_used_up"]:
        raise used_up(method)
    if method["customer"] is not None and method["customer"] != customer:
        raise ApiError(
            f"The provided PaymentMethod {method['id']} belongs to another Customer. Please include that"
            " Customer in the `customer` parameter on the PaymentIntent.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )


def _unexpected(intent: Json, message: str) -> ApiError:
    return ApiError(message, code="payment_intent_unexpected_state", extra={"payment_intent": public(intent)})


def _load(act: Act, call: Call) -> Json:
    return act.load("payment_intent", call.ids["id"], param="intent", in_path=True)


def retrieve(act: Act, call: Call) -> Json:
    return _load(act, call)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "payment_intent", "/v1/payment_intents", ["customer"])


OPERATIONS = (
    post("payment_intents.create", "/v1/payment_intents", create, CREATE_FIELDS),
    get("payment_intents.list", "/v1/payment_intents", list_all, list_fields(customer=text())),
    get("payment_intents.retrieve", "/v1/payment_intents/{id}", retrieve, {"client_secret": text()}),
    post("payment_intents.confirm", "/v1/payment_intents/{id}/confirm", confirm, CONFIRM_FIELDS),
    post(
        "payment_intents.cancel",
        "/v1/payment_intents/{id}/cancel",
        cancel,
        {"cancellation_reason": choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")},
    ),
)
