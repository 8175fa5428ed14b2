"""Payment intents: one payment from the first try to its end. Created unconfirmed, confirmed, done.

requires_payment_method -> (requires_confirmation) -> requires_action or processing -> succeeded; or canceled.
What happens on confirming is in `confirmations.py`.
"""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects import mandates
from payments.sandbox.objects.checkout_sessions import read_types
from payments.sandbox.objects.confirmations import UNFINISHED, check_usable, confirm_intent, unexpected
from payments.sandbox.objects.instruments import TYPES
from payments.sandbox.objects.payment_methods import DATA_FIELDS as METHOD_FIELDS
from payments.sandbox.objects.payment_methods import find_or_make
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import boolean, choice, group, integer, metadata, text, texts

LEAST_CENTS, MOST_CENTS = 50, 99_999_999
OPTIONS: dict[str, Json] = {
    "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
    "ideal": {},
    "sepa_debit": {},
}
CONFIRM_FIELDS = {
    "allowed_payment_method_types": texts(),
    "mandate": text(),
    "mandate_data": mandates.DATA_FIELDS,
    "payment_method": text(),
    "payment_method_data": group(METHOD_FIELDS),
    "off_session": choice("true", "false", "one_off", "recurring"),
    "return_url": text(),
    "receipt_email": text(longest=512),
}
CREATE_FIELDS = CONFIRM_FIELDS | {
    "amount": integer(required=True),
    "currency": text(required=True, longest=3),
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
        check_usable(method, customer=given.get("customer"))
    intent = _new_intent(act, given, method=method)
    links = {"customer": intent["customer"], "transfer_group": intent["transfer_group"]}
    act.store.insert(intent, created=act.now, links=links)
    record(act, "payment_intent.created", intent)
    return confirm_intent(act, intent, given) if confirm_now else intent


def _check_new(given: Json, *, confirm_now: bool) -> None:
    if given["currency"].lower() != "eur":
        raise InvalidParameters(
            f"Invalid currency: {given['currency']}. This sandbox only knows eur.", param="currency"
        )
    if given["amount"] < LEAST_CENTS:
        raise InvalidParameters("Amount must be at least €0.50 eur", code="amount_too_small", param="amount")
    if given["amount"] > MOST_CENTS:
        raise InvalidParameters("Amount must be no more than €999,999.99", code="amount_too_large", param="amount")
    for param in ("mandate", "mandate_data", "off_session", "payment_method_data", "return_url"):
        if param in given and not confirm_now:
            raise InvalidParameters(f"`{param}` can only be passed when `confirm=true`.", param=param)


def _new_intent(act: Act, given: Json, *, method: Json | None) -> Json:
    identifier = new_id("pi")
    automatic = given.get("automatic_payment_methods")
    types = read_types(given, list(TYPES))
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
        "payment_method_options": {kind: OPTIONS[kind] for kind in types},
        "payment_method_types": types,
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
    return confirm_intent(act, _load(act, call), call.params)


def cancel(act: Act, call: Call) -> Json:
    intent = _load(act, call)
    if intent["status"] not in UNFINISHED:
        raise unexpected(
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
