"""What a payment method looks like, by its type: a test card, a bank account to debit, one visit to iDEAL."""

import hashlib

from payments.sandbox.act import Act
from payments.sandbox.bank_accounts import ACCOUNT_BY_NAME, BankAccount
from payments.sandbox.cards import BY_NAME, Card
from payments.sandbox.documents import Json
from payments.sandbox.identifiers import new_id

TYPES = ("card", "ideal", "sepa_debit")
"""The ways to pay that this sandbox knows."""
TOKEN_YEARS = 4
SECONDS_IN_YEAR = 31_556_952
ADDRESS_PARTS = ("city", "country", "line1", "line2", "postal_code", "state")


def add_card(
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
    details: Json = {
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
        "fingerprint": _fingerprint(card.number, holder),
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return _add(act, "card", details, email=email, notes={"_card": card.name})


def add_bank_account(
    act: Act,
    account: BankAccount,
    *,
    name: str | None,
    email: str | None = None,
    holder: str | None = None,
    setup_attempt: str | None = None,
) -> Json:
    """A new, unattached SEPA debit method; `setup_attempt` is the visit to iDEAL it came from, if any."""
    details: Json = {
        "bank_code": account.bank_code,
        "branch_code": "",
        "country": account.country,
        "fingerprint": _fingerprint(account.iban, holder),
        "generated_from": {"charge": None, "setup_attempt": setup_attempt},
        "last4": account.last4,
    }
    notes = {"_account": account.name, "_mandate": None}
    return _add(act, "sepa_debit", details, name=name, email=email, notes=notes)


def add_ideal(act: Act, *, name: str | None = None, email: str | None = None) -> Json:
    """A payment method for one visit to the bank through iDEAL; which bank is known only afterwards."""
    return _add(act, "ideal", {"bank": None, "bic": None}, name=name, email=email, notes={})


def _fingerprint(number: str, holder: str | None) -> str:
    return hashlib.sha256(f"{number}{holder or ''}".encode()).hexdigest()[:16]


def _add(act: Act, kind: str, details: Json, *, notes: Json, name: str | None = None, email: str | None = None) -> Json:
    method: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(ADDRESS_PARTS),
            "email": email,
            "name": name,
            "phone": None,
            "tax_id": None,
        },
        kind: details,
        "created": act.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
        "_set_up": False,
        "_used_up": False,
        "_declines": 0,
        **notes,
    }
    act.store.insert(method, created=act.now)
    return method


def card_of(method: Json) -> Card:
    return BY_NAME[method["_card"]]


def account_of(method: Json) -> BankAccount:
    return ACCOUNT_BY_NAME[method["_account"]]
