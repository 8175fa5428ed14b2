"""Refunds: a charge, or part of it, given back. The fee stays spent."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.objects.balance import DAY, add_movement
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import choice, integer, metadata, text

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
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = given.get("amount", left)
    if amount > left:
        raise ApiError(
            f"Refund amount ({_euro(amount)}) is greater than unrefunded amount on charge ({_euro(left)})",
            param="amount",
        )
    refund = _new_refund(act, given, charge, amount)
    movement = add_movement(
        act,
        kind="refund",
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
    return refund


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


def _new_refund(act: Act, given: Json, charge: Json, amount: int) -> Json:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": act.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number"} | {"type": "refund"},
            "type": "card",
        },
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "pending_reason": None,
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
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
