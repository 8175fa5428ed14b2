"""Mandates: the holder's permission to debit a bank account, given on the hosted page or by the program's word."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.operation import Call, get
from payments.sandbox.parameters import choice, group, integer, text

DATA_FIELDS = group(
    {
        "customer_acceptance": group(
            {
                "accepted_at": integer(least=0),
                "offline": group({}),
                "online": group({"ip_address": text(longest=64), "user_agent": text(longest=1000)}),
                "type": choice("offline", "online", required=True),
            },
            required=True,
        )
    }
)
"""`mandate_data`: how the holder accepted, when a program and not the hosted page asked."""
REFERENCE_LETTERS = 16


def add_mandate(act: Act, method: Json, *, acceptance: Json | None = None, single_use: Json | None = None) -> Json:
    """A permission to debit `method`, once for the amount in `single_use`, else again and again.

    Where and with which browser somebody accepted is kept only when a program tells: the sandbox does not look.
    """
    identifier = new_id("mandate")
    online = {"ip_address": None, "user_agent": None}
    accepted = {"accepted_at": act.now, "type": "online", "online": online} | (acceptance or {})
    if accepted["type"] == "offline":
        accepted |= {"offline": {}}
        accepted.pop("online", None)
    reference = f"ZANDBAK{identifier[-REFERENCE_LETTERS:].upper()}"
    mandate: Json = {
        "id": identifier,
        "object": "mandate",
        "customer_acceptance": accepted,
        "livemode": False,
        "multi_use": {} if single_use is None else None,
        "on_behalf_of": None,
        "payment_method": method["id"],
        "payment_method_details": {
            "sepa_debit": {
                "reference": reference,
                "url": f"{act.settings.public_url}/mandate/{identifier}",
            },
            "type": "sepa_debit",
        },
        "single_use": single_use,
        "status": "active",
        "type": "multi_use" if single_use is None else "single_use",
    }
    act.store.insert(mandate, created=act.now)
    method["_mandate"] = identifier
    act.store.update(method)
    return mandate


def end_mandate(act: Act, identifier: str | None) -> None:
    """Nothing can be debited with it any more; a mandate that ended before is left alone."""
    mandate = None if identifier is None else act.store.get("mandate", identifier)
    if mandate is not None and mandate["status"] == "active":
        mandate["status"] = "inactive"
        act.store.update(mandate)
        record(act, "mandate.updated", mandate)


def retrieve(act: Act, call: Call) -> Json:
    return act.load("mandate", call.ids["id"], param="mandate", in_path=True)


OPERATIONS = (get("mandates.retrieve", "/v1/mandates/{id}", retrieve),)
