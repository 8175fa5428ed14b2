"""Reading the events back: what a program does that may have missed a webhook."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import InvalidParameters
from payments.sandbox.listing import DEFAULT_LIMIT, as_list, list_fields, page
from payments.sandbox.operation import Call, get
from payments.sandbox.parameters import boolean, text, texts

URL = "/v1/events"


def retrieve(act: Act, call: Call) -> Json:
    return _with_pending(act, act.load("event", call.ids["id"], param="id", in_path=True))


def list_all(act: Act, call: Call) -> Json:
    params = call.params
    if "type" in params and "types" in params:
        raise InvalidParameters("You may only specify one of these parameters: type, types.")
    found = _merged(act, call) if "types" in params else page(act, call, "event", URL, ["type"])
    shown = [_with_pending(act, event) for event in found["data"]]
    if "delivery_success" in params:
        shown = [event for event in shown if (event["pending_webhooks"] == 0) == params["delivery_success"]]
    return found | {"data": shown}


def _merged(act: Act, call: Call) -> Json:
    """One page over several types: a page of each, merged in the order of the whole log."""
    pages = [
        page(act, Call(ids=call.ids, params=call.params | {"type": kind}), "event", URL, ["type"])
        for kind in call.params["types"]
    ]
    events = [event for one in pages for event in one["data"]]
    order = {event["id"]: act.store.position("event", event["id"]) or (0, 0) for event in events}
    events.sort(key=lambda event: order[event["id"]], reverse=True)
    limit = call.params.get("limit", DEFAULT_LIMIT)
    more = len(events) > limit or any(one["has_more"] for one in pages)
    shown = events[-limit:] if "ending_before" in call.params else events[:limit]
    return as_list(shown, URL, has_more=more)


def _with_pending(act: Act, event: Json) -> Json:
    """How many endpoints have not acknowledged the event yet: at most our one."""
    row = act.store.sql.execute("SELECT 1 FROM delivery WHERE event = ?", (event["id"],)).fetchone()
    return event | {"pending_webhooks": 0 if row is None else 1}


OPERATIONS = (
    get(
        "events.list",
        URL,
        list_all,
        list_fields(type=text(), types=texts(), delivery_success=boolean()),
    ),
    get("events.retrieve", "/v1/events/{id}", retrieve),
)
