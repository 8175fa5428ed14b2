"""Checkout sessions in setup mode: a hosted page where a donor saves a way to pay for later."""

from urllib.parse import urlsplit

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects import setup_intents
from payments.sandbox.objects.instruments import TYPES
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import choice, group, integer, metadata, text, texts

SHORTEST, LONGEST = 30 * 60, 24 * 3600
"""A session stays open between half an hour and a day, in seconds."""
EXPIRY_TASK = "checkout_session_expiry"
ID_PLACE = "{CHECKOUT_SESSION_ID}"
FIELDS = {
    "mode": choice("payment", "setup", "subscription", required=True),
    "success_url": text(required=True),
    "cancel_url": text(),
    "currency": text(longest=3),
    "customer": text(),
    "customer_creation": choice("always", "if_required"),
    "customer_email": text(longest=512),
    "client_reference_id": text(longest=200),
    "allowed_payment_method_types": texts(),
    "locale": text(longest=10),
    "expires_at": integer(),
    "metadata": metadata(),
    "setup_intent_data": group({"description": text(longest=1000), "metadata": metadata()}),
    "ui_mode": choice("hosted_page"),
}


def create(act: Act, call: Call) -> Json:
    given = call.params
    if given["mode"] != "setup":
        raise InvalidParameters("This sandbox only knows Checkout Sessions with mode=setup.", param="mode")
    types = read_types(given, ["card"])
    for param in ("success_url", "cancel_url"):
        if param in given and not is_web_address(given[param]):
            raise InvalidParameters("Not a valid URL", code="url_invalid", param=param)
    if "customer" in given and ("customer_email" in given or "customer_creation" in given):
        raise InvalidParameters("You may only specify one of these parameters: customer, customer_email.")
    if "currency" not in given and "allowed_payment_method_types" not in given:
        raise InvalidParameters("Missing required param: currency.", code="parameter_missing", param="currency")
    expires_at = given.get("expires_at", act.now + LONGEST)
    if not act.now + SHORTEST - 60 <= expires_at <= act.now + LONGEST + 60:
        raise InvalidParameters(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    if "customer" in given:
        act.load("customer", given["customer"], param="customer")
    intent = setup_intents.add_setup_intent(
        act, given.get("setup_intent_data", {}), customer=given.get("customer"), types=types
    )
    session = _new_session(act, given, intent=intent, expires_at=expires_at)
    links = {"customer": session["customer"], "setup_intent": intent["id"], "status": None}
    act.store.insert(session, created=act.now, links=links)
    act.store.schedule(EXPIRY_TASK, session["id"], at=expires_at)
    return session


def _new_session(act: Act, given: Json, *, intent: Json, expires_at: int) -> Json:
    identifier = new_id("cs_test")
    return {
        "id": identifier,
        "object": "checkout.session",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "client_secret": None,
        "created": act.now,
        "currency": given.get("currency"),
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None},
        "customer": given.get("customer"),
        "customer_creation": None if "customer" in given else given.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": given.get("customer_email"),
        "expires_at": expires_at,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": "setup",
        "payment_intent": None,
        "payment_method_collection": "always",
        "payment_method_types": intent["payment_method_types"],
        "payment_status": "no_payment_required",
        "setup_intent": intent["id"],
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": given["success_url"],
        "total_details": None,
        "ui_mode": "hosted_page",
        "url": f"{act.settings.public_url}/c/pay/{identifier}",
    }


def read_types(given: Json, default: list[str]) -> list[str]:
    """The ways to pay that are asked for; one that this sandbox does not know is refused."""
    types: list[str] = given.get("allowed_payment_method_types", default)
    strange = [kind for kind in types if kind not in TYPES]
    if strange or not types or len(set(types)) != len(types):
        raise InvalidParameters(
            f"This sandbox knows the payment method types {', '.join(TYPES)}, each named once"
            + (f"; not {strange[0]}." if strange else "."),
            param="allowed_payment_method_types",
        )
    return types


def is_web_address(address: str) -> bool:
    """Whether `address` is an absolute http or https URL."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_open(act: Act, session: Json) -> bool:
    """Whether something can still be saved: not completed, not expired, and its time is not up."""
    return bool(session["status"] == "open" and act.now < session["expires_at"])


def success_address(session: Json) -> str:
    return str(session["success_url"]).replace(ID_PLACE, session["id"])


def complete(act: Act, session: Json, *, email: str | None) -> str:
    """What was wanted is saved; answers the address to send the browser to."""
    session |= {
        "status": "complete",
        "url": None,
        "customer_details": {
            "address": None,
            "email": email,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": None,
        },
    }
    act.store.update(session)
    act.store.unschedule(EXPIRY_TASK, session["id"], at=session["expires_at"])
    record(act, "checkout.session.completed", session)
    return success_address(session)


def close_expired(act: Act, identifier: str) -> None:
    """The alarm at `expires_at`: an open session expires, any other is left alone."""
    session = act.store.get("checkout.session", identifier)
    if session is not None and session["status"] == "open":
        _expire(act, session)


def _expire(act: Act, session: Json) -> None:
    intent = act.load("setup_intent", session["setup_intent"], param="setup_intent")
    setup_intents.cancel(act, intent, reason="abandoned")
    session |= {"status": "expired", "url": None}
    act.store.update(session)
    act.store.unschedule(EXPIRY_TASK, session["id"], at=session["expires_at"])
    record(act, "checkout.session.expired", session)


def expire(act: Act, call: Call) -> Json:
    session = retrieve(act, call)
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a'
            f" status of `{session['status']}`."
        )
    _expire(act, session)
    return session


def retrieve(act: Act, call: Call) -> Json:
    return act.load("checkout.session", call.ids["id"], param="session", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "checkout.session", "/v1/checkout/sessions", ["customer"])


OPERATIONS = (
    post("checkout.sessions.create", "/v1/checkout/sessions", create, FIELDS),
    get("checkout.sessions.list", "/v1/checkout/sessions", list_all, list_fields(customer=text())),
    get("checkout.sessions.retrieve", "/v1/checkout/sessions/{id}", retrieve),
    post("checkout.sessions.expire", "/v1/checkout/sessions/{id}/expire", expire),
)
