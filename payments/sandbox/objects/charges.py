"""Charges: one attempt to take money, pending, succeeded or failed. Payment intents make them."""

from payments.sandbox.act import Act
from payments.sandbox.bank_accounts import Failure
from payments.sandbox.cards import Decline
from payments.sandbox.documents import Json
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects.balance import DAY, add_movement, fee_cents, money_available_on
from payments.sandbox.objects.instruments import card_of
from payments.sandbox.objects.payment_methods import three_d_secure_result
from payments.sandbox.operation import Call, get
from payments.sandbox.parameters import text

POSTING_TASK = "charge_posting"
EVENTS = {"failed": "charge.failed", "pending": "charge.pending", "succeeded": "charge.succeeded"}


def add_card_charge(act: Act, intent: Json, method: Json, *, decline: Decline | None, authenticated: bool) -> Json:
    """The attempt on a card for `intent`: failed when there is a decline, else succeeded.

    The balance transaction of a success comes later (`post_to_balance`), as it does at Stripe.
    """
    charge = _new_charge(act, intent, method, status="succeeded" if decline is None else "failed")
    charge |= {
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "outcome": _outcome(decline),
        "payment_method_details": {"type": "card", "card": _card_details(intent, method, authenticated)},
    }
    if card_of(method).available_at_once:
        charge["_available_on"] = act.now // DAY * DAY
    return _keep(act, charge)


def add_bank_charge(act: Act, intent: Json, method: Json, *, status: str, details: Json, early: bool = False) -> Json:
    """The attempt on a bank account: `pending` for a debit, `succeeded` when somebody paid with iDEAL.

    `early` money reaches the balance although the debit is pending.
    """
    charge = _new_charge(act, intent, method, status=status)
    charge["payment_method_details"] = {"type": method["type"], method["type"]: details}
    return _keep(act, charge, early=early)


def _keep(act: Act, charge: Json, *, early: bool = False) -> Json:
    links = {name: charge[name] for name in ("customer", "payment_intent", "transfer_group")}
    act.store.insert(charge, created=act.now, links=links)
    record(act, EVENTS[charge["status"]], charge)
    if charge["status"] == "succeeded" or early:
        act.store.schedule(POSTING_TASK, charge["id"], at=act.after(act.settings.balance_delay_seconds))
    return charge


def succeed_pending(act: Act, charge: Json) -> None:
    """The debit went through: its money is on its way to the balance."""
    charge |= {"paid": True, "status": "succeeded", "_available_on": money_available_on(act.now)}
    act.store.update(charge)
    record(act, "charge.succeeded", charge)
    act.store.schedule(POSTING_TASK, charge["id"], at=act.after(act.settings.balance_delay_seconds))


def fail_pending(act: Act, charge: Json, failure: Failure) -> None:
    """The debit came back; what had reached the balance early is taken out, all of it: a failure costs nothing."""
    if charge["balance_transaction"] is not None:
        movement = add_movement(
            act,
            kind="payment_failure_refund",
            category="charge_failure",
            amount=-charge["amount"],
            fee=-fee_cents(charge["amount"], charge["payment_method_details"]["type"]),
            source=charge["id"],
            available_on=charge["_available_on"],
            description=f"Payment failure refund for {charge['id']}",
        )
        charge["failure_balance_transaction"] = movement["id"]
    charge |= {
        "amount_captured": 0,
        "captured": False,
        "failure_code": failure.code,
        "failure_message": failure.message,
        "outcome": charge["outcome"]
        | {
            "network_status": "declined_by_network",
            "reason": failure.code,
            "seller_message": "The bank did not approve this payment.",
            "type": "issuer_declined",
        },
        "status": "failed",
    }
    act.store.update(charge)
    record(act, "charge.failed", charge)


def _new_charge(act: Act, intent: Json, method: Json, *, status: str) -> Json:
    succeeded, taken = status == "succeeded", status != "failed"
    return {
        "id": new_id("ch" if method["type"] == "card" else "py"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if taken else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "BUURTLOKET SANDBOX",
        "captured": taken,
        "created": act.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(None),
        "paid": succeeded,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": None,
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
        "_transferred": 0,
        "_available_on": money_available_on(act.now),
        "_dispute": None,
    }


def _card_details(intent: Json, method: Json, authenticated: bool) -> Json:  # noqa: FBT001 - a fact, not a mode
    card = method["card"]
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "last4": card["last4"],
        "network": card["brand"],
        "three_d_secure": three_d_secure_result(method, authenticated=authenticated),
        "wallet": None,
    }


def _outcome(decline: Decline | None) -> Json:
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": decline.advice,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network",
        "reason": decline.reason,
        "risk_level": "normal",
        "seller_message": "The bank did not approve this payment.",
        "type": "issuer_declined",
    }


def post_to_balance(act: Act, identifier: str) -> None:
    """The alarm some seconds after a success: its money and its fee reach the balance, once."""
    charge = act.store.get("charge", identifier)
    if charge is None or charge["balance_transaction"] is not None or charge["status"] == "failed":
        return
    kind = charge["payment_method_details"]["type"]
    movement = add_movement(
        act,
        kind="charge" if kind == "card" else "payment",
        category="charge",
        amount=charge["amount"],
        fee=fee_cents(charge["amount"], kind),
        source=charge["id"],
        available_on=charge["_available_on"],
        description=charge["description"],
    )
    charge["balance_transaction"] = movement["id"]
    act.store.update(charge)
    record(act, "charge.updated", charge)


def retrieve(act: Act, call: Call) -> Json:
    return act.load("charge", call.ids["id"], param="charge", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "charge", "/v1/charges", ["payment_intent", "transfer_group", "customer"])


OPERATIONS = (
    get(
        "charges.list",
        "/v1/charges",
        list_all,
        list_fields(payment_intent=text(), transfer_group=text(), customer=text()),
    ),
    get("charges.retrieve", "/v1/charges/{id}", retrieve),
)
