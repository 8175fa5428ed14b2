"""Checkout sessions in setup mode: a hosted page where a donor saves a card."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from payments.sandbox.act import Act
from payments.sandbox.cards import Card
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects import challenges, setup_intents
from payments.sandbox.objects.customers import add_customer
from payments.sandbox.objects.payment_methods import add_payment_method, card_of, decline_error
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
    require_cards_only(given)
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
    intent = setup_intents.add_setup_intent(act, given.get("setup_intent_data", {}), customer=given.get("customer"))
    session = _new_session(act, given, intent=intent["id"], expires_at=expires_at)
    links = {"customer": session["customer"], "setup_intent": intent["id"], "status": None}
    act.store.insert(session, created=act.now, links=links)
    act.store.schedule(EXPIRY_TASK, session["id"], at=expires_at)
    return session


def _new_session(act: Act, given: Json, *, intent: str, expires_at: int) -> Json:
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
        "payment_method_types": ["card"],
        "payment_status": "no_payment_required",
        "setup_intent": intent,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": given["success_url"],
        "total_details": None,
        "ui_mode": "hosted_page",
        "url": f"{act.settings.public_url}/c/pay/{identifier}",
    }


def require_cards_only(given: Json) -> None:
    """Delayed methods (iDEAL, SEPA) are a later chapter; saying so beats pretending."""
    types = given.get("allowed_payment_method_types", ["card"])
    if types != ["card"]:
        raise InvalidParameters(
            "This sandbox only knows the payment method type 'card' so far.",
            param="allowed_payment_method_types",
        )


def is_web_address(address: str) -> bool:
    """Whether `address` is an absolute http or https URL."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def submit_card(act: Act, session: Json, card: Card, *, exp_month: int | None, exp_year: int | None) -> str:
    """The donor offers a card on the page; answers the address to send the browser to next.

    A declined card leads back to the page itself, which tells why from the intent's last error. A card taken with
    one click is the donor's own; a number that was typed is the same card in everybody's hands.
    """
    intent = act.load("setup_intent", session["setup_intent"], param="setup_intent")
    details = session["customer_details"] or {}
    method = add_payment_method(
        act,
        card,
        exp_month=exp_month or 12,
        exp_year=exp_year or datetime.fromtimestamp(act.now, tz=UTC).year + 4,
        email=session["customer_email"] or details.get("email"),
        holder=session["customer"] if exp_month is None else None,
    )
    if card.saving is not None:
        setup_intents.fail(act, intent, decline_error(card.saving, method))
        return str(session["url"])
    if card.wants_authentication(off_session=False, set_up=False):
        challenge = challenges.add_challenge(act, intent=intent, method=method, return_url=session["url"])
        setup_intents.ask_authentication(act, intent, method, url=challenge["url"], return_url=session["url"])
        return str(challenge["url"])
    return _complete(act, session, intent, method, authenticated=False)


def authenticated(act: Act, challenge: Json, *, confirmed: bool) -> str:
    """The donor came back from the bank's page; answers the address to send the browser to."""
    intent = act.load("setup_intent", challenge["intent"], param="setup_intent")
    session = act.store.newest("checkout.session", limit=1, where={"setup_intent": intent["id"]})[0]
    method = act.load("payment_method", challenge["payment_method"], param="payment_method")
    current = intent["status"] == "requires_action" and intent["payment_method"] == method["id"]
    challenges.close(act, challenge, status="succeeded" if confirmed else "failed")
    if not current or not is_open(act, session):
        return str(session["url"] or success_address(session))
    if not confirmed:
        error = setup_intents.AUTHENTICATION_FAILED
        shown = {key: value for key, value in method.items() if key[0] != "_"}
        setup_intents.fail(act, intent, error | {"payment_method": shown})
        return str(session["url"])
    decline = card_of(method).saving
    if decline is not None:
        setup_intents.fail(act, intent, decline_error(decline, method))
        return str(session["url"])
    return _complete(act, session, intent, method, authenticated=True)


def _complete(act: Act, session: Json, intent: Json, method: Json, *, authenticated: bool) -> str:
    if session["customer"] is None and session["customer_creation"] == "always":
        customer = add_customer(act, {"email": session["customer_email"]} if session["customer_email"] else {})
        session["customer"] = intent["customer"] = customer["id"]
    setup_intents.succeed(act, intent, method, authenticated=authenticated)
    email = session["customer_email"]
    if session["customer"] is not None:
        email = act.load("customer", session["customer"], param="customer")["email"]
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


def is_open(act: Act, session: Json) -> bool:
    """Whether a card can still be saved: not completed, not expired, and its time is not up."""
    return bool(session["status"] == "open" and act.now < session["expires_at"])


def success_address(session: Json) -> str:
    return str(session["success_url"]).replace(ID_PLACE, session["id"])


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
