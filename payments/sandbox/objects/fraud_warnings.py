"""Early fraud warnings: a card's issuer reports fraud, before or without any dispute. No money moves."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.operation import Call, get
from payments.sandbox.parameters import text

KIND = "radar.early_fraud_warning"


def warn(act: Act, charge: Json) -> None:
    """The issuer reports a charge that succeeded."""
    warning: Json = {
        "id": new_id("issfr"),
        "object": KIND,
        "actionable": True,
        "charge": charge["id"],
        "created": act.now,
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    links = {name: warning[name] for name in ("charge", "payment_intent")}
    act.store.insert(warning, created=act.now, links=links)
    record(act, "radar.early_fraud_warning.created", warning)


def _as_it_is_now(act: Act, warning: Json) -> Json:
    """Nothing is left to do once the charge was refunded or disputed."""
    charge = act.load("charge", warning["charge"], param="charge")
    return warning | {"actionable": not (charge["refunded"] or charge["disputed"])}


def retrieve(act: Act, call: Call) -> Json:
    return _as_it_is_now(act, act.load(KIND, call.ids["id"], param="id", in_path=True))


def list_all(act: Act, call: Call) -> Json:
    found = page(act, call, KIND, "/v1/radar/early_fraud_warnings", ["charge", "payment_intent"])
    return found | {"data": [_as_it_is_now(act, warning) for warning in found["data"]]}


OPERATIONS = (
    get(
        "radar.early_fraud_warnings.list",
        "/v1/radar/early_fraud_warnings",
        list_all,
        list_fields(charge=text(), payment_intent=text()),
    ),
    get("radar.early_fraud_warnings.retrieve", "/v1/radar/early_fraud_warnings/{id}", retrieve),
)
