"""Money between the platform's balance and its own bank account: payouts to it, and top-ups from it."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.objects.balance import DAY, add_movement, available_cents
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import integer, metadata, text

FIELDS = {
    "amount": integer(least=1, required=True),
    "currency": text(required=True, longest=3),
    "description": text(longest=1000),
    "metadata": metadata(),
    "statement_descriptor": text(longest=22),
}


def _check_currency(call: Call) -> None:
    if call.params["currency"].lower() != "eur":
        raise InvalidParameters("This sandbox only knows eur.", param="currency")


def create_payout(act: Act, call: Call) -> Json:
    """A payout leaves the balance at once and is on its way to the bank; what is not available cannot leave."""
    _check_currency(call)
    given = call.params
    if given["amount"] > available_cents(act):
        raise ApiError(
            "You have insufficient funds in your Stripe account for this transfer.", code="balance_insufficient"
        )
    payout: Json = {
        "id": new_id("po"),
        "object": "payout",
        "amount": given["amount"],
        "arrival_date": (act.now // DAY + 2) * DAY,
        "automatic": False,
        "balance_transaction": None,
        "created": act.now,
        "currency": "eur",
        "description": given.get("description"),
        "destination": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "method": "standard",
        "source_type": "card",
        "statement_descriptor": given.get("statement_descriptor"),
        "status": "paid",
        "type": "bank_account",
    }
    return _kept(act, payout, kind="payout", amount=-given["amount"], event="payout.paid")


def create_topup(act: Act, call: Call) -> Json:
    """A top-up is on the balance at once: the sandbox has no bank to wait for."""
    _check_currency(call)
    given = call.params
    topup: Json = {
        "id": new_id("tu"),
        "object": "topup",
        "amount": given["amount"],
        "balance_transaction": None,
        "created": act.now,
        "currency": "eur",
        "description": given.get("description"),
        "expected_availability_date": act.now,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "source": None,
        "statement_descriptor": given.get("statement_descriptor"),
        "status": "succeeded",
        "transfer_group": None,
    }
    return _kept(act, topup, kind="topup", amount=given["amount"], event="topup.succeeded")


def _kept(act: Act, made: Json, *, kind: str, amount: int, event: str) -> Json:
    movement = add_movement(act, kind=kind, amount=amount, source=made["id"], available_on=act.now // DAY * DAY)
    made["balance_transaction"] = movement["id"]
    act.store.insert(made, created=act.now)
    record(act, event, made)
    return made


def retrieve_payout(act: Act, call: Call) -> Json:
    return act.load("payout", call.ids["id"], param="payout", in_path=True)


def retrieve_topup(act: Act, call: Call) -> Json:
    return act.load("topup", call.ids["id"], param="topup", in_path=True)


OPERATIONS = (
    post("payouts.create", "/v1/payouts", create_payout, FIELDS),
    get("payouts.retrieve", "/v1/payouts/{id}", retrieve_payout),
    post("topups.create", "/v1/topups", create_topup, FIELDS),
    get("topups.retrieve", "/v1/topups/{id}", retrieve_topup),
)
