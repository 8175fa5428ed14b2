"""Setup attempts: one try to save one payment method, and how it ended."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.identifiers import new_id
from payments.sandbox.listing import list_fields, page
from payments.sandbox.operation import Call, get
from payments.sandbox.parameters import text


def add_attempt(act: Act, intent: Json, method: Json, *, status: str) -> Json:
    """A try with `method`; its details by type are filled in when it ends."""
    attempt: Json = {
        "id": new_id("setatt"),
        "object": "setup_attempt",
        "application": None,
        "attach_to_self": False,
        "created": act.now,
        "customer": intent["customer"],
        "customer_account": None,
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": None,
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], method["type"]: {}},
        "setup_error": None,
        "setup_intent": intent["id"],
        "status": status,
        "usage": intent["usage"],
    }
    act.store.insert(attempt, created=act.now, links={"setup_intent": intent["id"]})
    intent["latest_attempt"] = attempt["id"]
    return attempt


def end_attempt(
    act: Act, intent: Json, method: Json, *, status: str, details: Json | None = None, error: Json | None = None
) -> None:
    """The try ended as `status`: the one that waited for the bank when it was with this method, else a new one."""
    latest = intent["latest_attempt"]
    attempt = None if latest is None else act.store.get("setup_attempt", latest)
    if attempt is None or attempt["payment_method"] != method["id"]:
        attempt = add_attempt(act, intent, method, status=status)
    attempt |= {"status": status, "setup_error": error}
    if details is not None:
        attempt["payment_method_details"] = {"type": method["type"], method["type"]: details}
    act.store.update(attempt)


def list_all(act: Act, call: Call) -> Json:
    return page(act, call, "setup_attempt", "/v1/setup_attempts", ["setup_intent"])


OPERATIONS = (
    get(
        "setup_attempts.list",
        "/v1/setup_attempts",
        list_all,
        list_fields(setup_intent=text(required=True)),
    ),
)
