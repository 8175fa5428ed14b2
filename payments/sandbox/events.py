"""Events: a snapshot of what just changed, listed at /v1/events and sent to the webhook."""

import time

from payments.sandbox.act import Act
from payments.sandbox.documents import Json, public
from payments.sandbox.identifiers import new_id
from payments.sandbox.settings import API_VERSION


def record(act: Act, kind: str, body: Json) -> None:
    """Writes the event in the act's own transaction, so an event exists exactly when its change does."""
    settings = act.settings
    wanted = not settings.webhook_events or kind in settings.webhook_events
    sends = settings.webhook_url is not None and wanted
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": act.now,
        "data": {"object": public(body)},
        "livemode": False,
        "pending_webhooks": int(sends),
        "request": {"id": act.request_id, "idempotency_key": act.idempotency_key},
        "type": kind,
    }
    act.store.insert(event, created=act.now, links={"type": kind})
    if sends:
        act.store.sql.execute("INSERT INTO delivery VALUES (?, 0, ?)", (event["id"], time.time()))
