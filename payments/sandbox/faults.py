"""Faults on request: what goes wrong between a program and its provider, exactly when asked.

Kept in memory only: a restarted sandbox is a well-behaved one.
"""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from payments.sandbox.documents import Json
from payments.sandbox.identifiers import new_id
from payments.sandbox.parameters import Fields, boolean, choice, integer, text

API_KINDS = ("drop_before", "drop_after", "server_error", "rate_limit", "latency")
WEBHOOK_KINDS = ("webhook_lose", "webhook_duplicate", "webhook_reorder", "webhook_late")
FIELDS: Fields = {
    "kind": choice(*API_KINDS, *WEBHOOK_KINDS, required=True),
    "count": integer(least=1, most=1_000_000),
    "operation": text(),
    "path": text(),
    "event_type": text(),
    "milliseconds": integer(least=1, most=60_000),
    "executed": boolean(),
}


@dataclass(kw_only=True)
class Fault:
    """One planned fault, `left` times. Patterns are shell-like: `payment_intents.*`, `/v1/*/confirm`.

    drop_before: the connection breaks before anything was done. drop_after: it was done and committed.
    server_error: a 500; with `executed` the work was done all the same. rate_limit: a 429.
    latency: `milliseconds` of waiting first. webhook_lose: the event is never sent. webhook_duplicate: it is
    sent twice. webhook_reorder: it is held back until the next event has been delivered. webhook_late: it is held
    back for `milliseconds` of real time.
    """

    kind: str
    left: int = 1
    operation: str = "*"
    path: str = "*"
    event_type: str = "*"
    milliseconds: int = 1000
    executed: bool = False
    id: str = field(default_factory=lambda: new_id("fault"))

    def describe(self) -> Json:
        """The fault as the control door shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "left": self.left,
            "operation": self.operation,
            "path": self.path,
            "event_type": self.event_type,
            "milliseconds": self.milliseconds,
            "executed": self.executed,
        }


class Faults:
    """The faults still to come, in the order they were planned; the first that matches is used."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def plan(self, given: Json) -> Fault:
        """Plans a fault from checked FIELDS."""
        wanted = {name: value for name, value in given.items() if name != "count"}
        fault = Fault(left=given.get("count", 1), **wanted)
        self.planned.append(fault)
        return fault

    def for_request(self, operation: str, path: str) -> Fault | None:
        """The fault this request meets; counts it off."""
        for fault in self.planned:
            if fault.kind in API_KINDS and fnmatchcase(operation, fault.operation) and fnmatchcase(path, fault.path):
                return self._use(fault)
        return None

    def for_event(self, event_type: str) -> Fault | None:
        """The fault this event's first delivery meets; counts it off."""
        for fault in self.planned:
            if fault.kind in WEBHOOK_KINDS and fnmatchcase(event_type, fault.event_type):
                return self._use(fault)
        return None

    def _use(self, fault: Fault) -> Fault:
        fault.left -= 1
        if fault.left == 0:
            self.planned.remove(fault)
        return fault
