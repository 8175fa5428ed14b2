"""Refunds: a charge, or part of it, given back. The fee stays spent.

To a card it has succeeded at once, to a bank account some days later; either can fail afterwards, and then the money
is back in the balance and on the charge.
"""

from payments.sandbox.act import Act
from payments.sandbox.cards import Refunding
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects import disputes
from payments.sandbox.objects.balance import DAY, add_movement
from payments.sandbox.objects.instruments import account_of, card_of
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import choice, integer, metadata, text

RESULT_TASK = "refund_result"
FAILURE_REASONS = (
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "unknown",
)
FIELDS = {
    "charge": text(),
    "payment_intent": text(),
    "amount": integer(least=1),
    "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": metadata(),
}


def create(act: Act, call: Call) -> Json:
    given = call.params
    charge = _charge_of(act, given)
    if charge["status"] != "succeeded":
        raise ApiError("This charge did not succeed, so there is nothing to refund.", param="charge")
    if not disputes.is_refundable(act, charge):
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = given.get("amount", left)
    if amount > left:
        raise ApiError(
            f"Refund amount ({_euro(amount)}) is greater than unrefunded amount on charge ({_euro(left)})",
            param="amount",
        )
    method = act.load("payment_method", charge["payment_method"], param="charge")
    course = _course(method)
    refund = _new_refund(act, given, charge, amount, pending=course is Refunding.LATER or method["type"] != "card")
    movement = add_movement(
        act,
        kind="refund" if method["type"] == "card" else "payment_refund",
        category="refund",
        amount=-amount,
        source=refund["id"],
        available_on=act.now // DAY * DAY,
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
    )
    refund["balance_transaction"] = movement["id"]
    links = {name: refund[name] for name in ("charge", "payment_intent")}
    act.store.insert(refund, created=act.now, links=links)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    act.store.update(charge)
    record(act, "refund.created", refund)
    record(act, "charge.refunded", charge)
    if course is not Refunding.AT_ONCE:
        act.store.schedule(RESULT_TASK, refund["id"], at=act.after(act.settings.refund_delay_seconds))
    if charge["refunded"]:
        disputes.charge_refunded(act, charge)
    return refund


def _course(method: Json) -> Refunding:
    """How a refund to this card or account goes."""
    if method["type"] == "card":
        return card_of(method).refunding
    return Refunding.FAILS if account_of(method).refund_fails else Refunding.LATER


def result(act: Act, identifier: str) -> None:
    """The alarm some time after a refund: it arrives, or it comes back."""
    refund = act.store.get("refund", identifier)
    if refund is None or refund["status"] == "failed":
        return
    method = act.load("payment_method", refund["payment_method"], param="payment_method")
    if _course(method) is Refunding.FAILS:
        fail(act, refund, reason="expired_or_canceled_card" if method["type"] == "card" else "unknown")
    else:
        refund |= {"status": "succeeded", "pending_reason": None}
        act.store.update(refund)
        record(act, "refund.updated", refund)
        record(act, "charge.refund.updated", refund)


def fail(act: Act, refund: Json, *, reason: str) -> None:
    """The bank sent the refund back: the money is in the balance and on the charge again."""
    charge = act.load("charge", refund["charge"], param="charge")
    movement = add_movement(
        act,
        kind="refund_failure",
        amount=refund["amount"],
        source=refund["id"],
        available_on=act.now // DAY * DAY,
        description=f"REFUND FAILURE FOR CHARGE ({charge['description'] or charge['id']})",
    )
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    act.store.update(charge)
    refund |= {
        "failure_balance_transaction": movement["id"],
        "failure_reason": reason,
        "pending_reason": None,
        "status": "failed",
    }
    act.store.update(refund)
    record(act, "refund.updated", refund)
    record(act, "charge.refund.updated", refund)
    record(act, "refund.failed", refund)


def _charge_of(act: Act, given: Json) -> Json:
    if ("charge" in given) == ("payment_intent" in given):
        raise InvalidParameters("One of the following params should be provided: charge, payment_intent.")
    if "charge" in given:
        return act.load("charge", given["charge"], param="charge")
    intent = act.load("payment_intent", given["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="charge_not_refundable",
            param="payment_intent",
        )
    return act.load("charge", intent["latest_charge"], param="payment_intent")


def _new_refund(act: Act, given: Json, charge: Json, amount: int, *, pending: bool) -> Json:
    kind = charge["payment_method_details"]["type"]
    destination: Json = {
        "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    }
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": act.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"type": kind, kind: destination.get(kind, {})},
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "pending_reason": "processing" if pending else None,
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }


def _euro(cents: int) -> str:
    return f"€{cents // 100}.{cents % 100:02}"


def retrieve(act: Act, call: Call) -> Json:
    return act.load("refund", call.ids["id"], param="id", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "refund", "/v1/refunds", ["charge", "payment_intent"])


OPERATIONS = (
    post("refunds.create", "/v1/refunds", create, FIELDS),
    get("refunds.list", "/v1/refunds", list_all, list_fields(charge=text(), payment_intent=text())),
    get("refunds.retrieve", "/v1/refunds/{id}", retrieve),
)
