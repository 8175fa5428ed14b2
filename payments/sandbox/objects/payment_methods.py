"""Payment methods: a test card as it was typed or named by token, attached to a customer or not."""

import hashlib

from payments.sandbox.act import Act
from payments.sandbox.cards import BY_NAME, BY_TOKEN, Asks, Card, Decline
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, CardRefused
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import choice, text

TOKEN_YEARS = 4
SECONDS_IN_YEAR = 31_556_952


def add_payment_method(
    act: Act,
    card: Card,
    *,
    exp_month: int = 12,
    exp_year: int | None = None,
    email: str | None = None,
    holder: str | None = None,
) -> Json:
    """A new, unattached payment method for a test card.

    A test number is everybody's, but a real card is one household's: with a `holder` the fingerprint is this
    holder's own, without one it is the number's, as at Stripe.
    """
    method: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": email,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "NL",
            "display_brand": card.brand,
            "exp_month": exp_month,
            "exp_year": exp_year or 1970 + act.now // SECONDS_IN_YEAR + TOKEN_YEARS,
            "fingerprint": hashlib.sha256(f"{card.number}{holder or ''}".encode()).hexdigest()[:16],
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": act.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_card": card.name,
        "_set_up": False,
        "_used_up": False,
        "_declines": 0,
    }
    act.store.insert(method, created=act.now)
    return method


def card_of(method: Json) -> Card:
    return BY_NAME[method["_card"]]


def find_or_make(act: Act, identifier: str) -> Json:
    """The payment method an id or a token such as `pm_card_visa` stands for; a token makes a new one."""
    card = BY_TOKEN.get(identifier)
    if card is not None:
        return add_payment_method(act, card)
    return act.load("payment_method", identifier, param="payment_method")


def attach_to(act: Act, method: Json, customer: str) -> None:
    """Gives the payment method to a customer and says so in an event."""
    method["customer"] = customer
    act.store.update(method)
    act.store.link(method, "customer", customer)
    record(act, "payment_method.attached", method)


def decline_error(decline: Decline, method: Json, *, charge: str | None = None) -> Json:
    """The error Stripe keeps on an intent (and answers with) when a bank refuses."""
    return {
        "advice_code": decline.advice,
        "charge": charge,
        "code": decline.code,
        "decline_code": decline.reason,
        "message": decline.message,
        "payment_method": {key: value for key, value in method.items() if key[0] != "_"},
        "type": "card_error",
    }


def attach(act: Act, call: Call) -> Json:
    method = find_or_make(act, call.ids["id"])
    customer = act.load("customer", call.params["customer"], param="customer")
    if method["customer"] not in (None, customer["id"]):
        raise ApiError("The payment method you provided has already been attached to a customer.")
    if method["_used_up"]:
        raise used_up(method)
    decline = card_of(method).saving
    if decline is not None:
        raise CardRefused(decline_error(decline, method), intent=method)
    if method["customer"] is None:
        attach_to(act, method, customer["id"])
    return method


def detach(act: Act, call: Call) -> Json:
    method = act.load("payment_method", call.ids["id"], param="payment_method", in_path=True)
    if method["customer"] is None:
        raise ApiError("The payment method you provided is not attached to a customer so detachment is impossible.")
    method |= {"customer": None, "_used_up": True}
    act.store.update(method)
    act.store.unlink(method, "customer")
    record(act, "payment_method.detached", method)
    return method


def used_up(method: Json) -> ApiError:
    """A payment method that was detached, or used once unattached, may not be used again."""
    return ApiError(
        f"The provided PaymentMethod {method['id']} was previously used with a PaymentIntent without Customer"
        " attachment or was detached from a Customer. It may not be used again. To use a PaymentMethod"
        " multiple times, you must attach it to a Customer first.",
        code="payment_method_unexpected_state",
        param="payment_method",
    )


def three_d_secure_result(method: Json, *, authenticated: bool) -> Json | None:
    """What a charge tells about 3-D Secure: None when the bank was not asked."""
    if card_of(method).asks is Asks.NEVER or not authenticated:
        return None
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("dst"),
        "version": "2.2.0",
    }


def retrieve(act: Act, call: Call) -> Json:
    return act.load("payment_method", call.ids["id"], param="payment_method", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "payment_method", "/v1/payment_methods", ["customer"])


OPERATIONS = (
    get(
        "payment_methods.list",
        "/v1/payment_methods",
        list_all,
        list_fields(customer=text(required=True), type=choice("card")),
    ),
    get("payment_methods.retrieve", "/v1/payment_methods/{id}", retrieve),
    post(
        "payment_methods.attach",
        "/v1/payment_methods/{id}/attach",
        attach,
        {"customer": text(required=True)},
    ),
    post("payment_methods.detach", "/v1/payment_methods/{id}/detach", detach),
)
