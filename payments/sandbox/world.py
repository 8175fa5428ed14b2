"""Everything the running process holds, in one place, handed to each door."""

import asyncio
from dataclasses import dataclass, field

from payments.sandbox.act import Act
from payments.sandbox.clock import Clock
from payments.sandbox.faults import Faults
from payments.sandbox.idempotency import InFlight
from payments.sandbox.settings import Settings
from payments.sandbox.store import Store
from payments.sandbox.storm import Storm


@dataclass(kw_only=True)
class World:
    """The store, the clock, the planned faults; `events_waiting` wakes the webhook sender."""

    settings: Settings
    store: Store
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    storm: Storm = field(init=False)
    in_flight: InFlight = field(default_factory=InFlight)
    events_waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.storm = Storm(self.store)

    def act(self, request_id: str | None = None, idempotency_key: str | None = None) -> Act:
        """A new act at this moment; the caller opens the transaction."""
        return Act(
            store=self.store,
            settings=self.settings,
            now=self.clock.now(),
            request_id=request_id,
            idempotency_key=idempotency_key,
        )

    def committed(self) -> None:
        """To be called after each commit that may have recorded events."""
        self.events_waiting.set()
