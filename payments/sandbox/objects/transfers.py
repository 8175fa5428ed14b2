"""Transfers: money from the platform's balance to a payee's account, and their reversals."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError, InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import as_list, list_fields, page
from payments.sandbox.objects.accounts import can_receive
from payments.sandbox.objects.balance import DAY, add_movement, available_cents
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import choice, integer, metadata, text

FIELDS = {
    "amount": integer(least=1),
    "currency": text(required=True, longest=3),
    "destination": text(required=True),
    "description": text(longest=1000),
    "metadata": metadata(),
    "source_transaction": text(),
    "source_type": choice("card"),
    "transfer_group": text(longest=255),
}
REVERSAL_FIELDS = {
    "amount": integer(least=1),
    "description": text(longest=1000),
    "metadata": metadata(),
}


def create(act: Act, call: Call) -> Json:
    given = call.params
    if given["currency"].lower() != "eur":
        raise InvalidParameters("This sandbox only knows eur.", param="currency")
    if "amount" not in given and "source_transaction" not in given:
        raise InvalidParameters("Missing required param: amount.", code="parameter_missing", param="amount")
    account = act.load("v2.core.account", given["destination"], param="destination")
    if not can_receive(account):
        raise ApiError(
            "Your destination account needs to have at least one of the following capabilities enabled:"
            " transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    charge = None
    if "source_transaction" in given:
        charge = act.load("charge", given["source_transaction"], param="source_transaction")
    amount, available_on = _cover(act, given, charge)
    transfer = _new_transfer(act, given, amount=amount, charge=charge)
    movement = add_movement(
        act,
        kind="transfer",
        amount=-amount,
        source=transfer["id"],
        available_on=available_on,
        description=transfer["description"],
    )
    transfer["balance_transaction"] = movement["id"]
    links = {name: transfer[name] for name in ("destination", "transfer_group")}
    act.store.insert(transfer, created=act.now, links=links)
    record(act, "transfer.created", transfer)
    return transfer


def _cover(act: Act, given: Json, charge: Json | None) -> tuple[int, int]:
    """The amount in cents and when it leaves the balance; refused when nothing covers it.

    With a source charge the money may still be pending: the transfer waits as long as the charge does.
    """
    if charge is None:
        if given["amount"] > available_cents(act):
            raise ApiError(
                "You have insufficient available funds in your Stripe account. Try adding funds directly to"
                " your available balance by creating Charges using the 4000000000000077 test card.",
                code="balance_insufficient",
            )
        return given["amount"], act.now // DAY * DAY
    if charge["status"] != "succeeded":
        raise ApiError("The source_transaction must be a succeeded charge.", param="source_transaction")
    left = charge["amount"] - charge["_transferred"]
    amount = given.get("amount", left)
    if amount > left or amount == 0:
        raise ApiError(
            f"The transfer amount must not exceed what is left of the source_transaction ({left} cents).",
            param="amount",
        )
    charge["_transferred"] += amount
    act.store.update(charge)
    return amount, max(charge["_available_on"], act.now // DAY * DAY)


def _new_transfer(act: Act, given: Json, *, amount: int, charge: Json | None) -> Json:
    identifier = new_id("tr")
    group = given.get("transfer_group")
    if group is None and charge is not None:
        group = charge["transfer_group"] or f"group_{charge['payment_intent']}"
    return {
        "id": identifier,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": act.now,
        "currency": "eur",
        "description": given.get("description"),
        "destination": given["destination"],
        "destination_payment": new_id("py"),
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "reversals": as_list([], f"/v1/transfers/{identifier}/reversals"),
        "reversed": False,
        "source_transaction": charge and charge["id"],
        "source_type": "card",
        "transfer_group": group,
    }


def reverse(act: Act, call: Call) -> Json:
    transfer = retrieve(act, call)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.params.get("amount", left)
    if left == 0 or amount > left:
        raise ApiError(f"Reversal amount is greater than unreversed amount on transfer ({left} cents).", param="amount")
    reversal: Json = {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": act.now,
        "currency": "eur",
        "destination_payment_refund": new_id("pyr"),
        "metadata": call.params.get("metadata", {}),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    movement = add_movement(
        act,
        kind="transfer_refund",
        amount=amount,
        source=reversal["id"],
        available_on=act.now // DAY * DAY,
        description=call.params.get("description", f"REFUND FOR TRANSFER ({transfer['id']})"),
    )
    reversal["balance_transaction"] = movement["id"]
    act.store.insert(reversal, created=act.now, links={"transfer": transfer["id"]})
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    newest = act.store.newest("transfer_reversal", limit=10, where={"transfer": transfer["id"]})
    transfer["reversals"] = as_list(newest, transfer["reversals"]["url"])
    act.store.update(transfer)
    _free_source(act, transfer, amount)
    record(act, "transfer.reversed", transfer)
    return reversal


def _free_source(act: Act, transfer: Json, amount: int) -> None:
    """What came back can be transferred again from the same charge."""
    if transfer["source_transaction"] is not None:
        charge = act.load("charge", transfer["source_transaction"], param="source_transaction")
        charge["_transferred"] -= amount
        act.store.update(charge)


def retrieve(act: Act, call: Call) -> Json:
    return act.load("transfer", call.ids["id"], param="transfer", in_path=True)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "transfer", "/v1/transfers", ["destination", "transfer_group"])


def list_reversals(act: Act, call: Call) -> Json:
    transfer = retrieve(act, call)
    narrowed = Call(ids=call.ids, params=call.params | {"transfer": transfer["id"]})
    return page(act, narrowed, "transfer_reversal", transfer["reversals"]["url"], ["transfer"])


def retrieve_reversal(act: Act, call: Call) -> Json:
    found = act.load("transfer_reversal", call.ids["reversal"], param="id", in_path=True)
    if found["transfer"] != call.ids["id"]:
        raise ApiError(f"{found['id']} does not reverse {call.ids['id']}.", param="id", status=404)
    return found


OPERATIONS = (
    post("transfers.create", "/v1/transfers", create, FIELDS),
    get(
        "transfers.list",
        "/v1/transfers",
        list_all,
        list_fields(destination=text(), transfer_group=text()),
    ),
    get("transfers.retrieve", "/v1/transfers/{id}", retrieve),
    post("transfers.reversals.create", "/v1/transfers/{id}/reversals", reverse, REVERSAL_FIELDS),
    get("transfers.reversals.list", "/v1/transfers/{id}/reversals", list_reversals, list_fields()),
    get("transfers.reversals.retrieve", "/v1/transfers/{id}/reversals/{reversal}", retrieve_reversal),
)
