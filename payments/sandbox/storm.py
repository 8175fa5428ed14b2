"""A storm: faults by chance, on every call and every event, until it is calmed.

Kept in the store, unlike planned faults: whoever asks for a storm also kills this process, and a storm goes on.
"""

import json
from random import Random

from payments.sandbox.documents import Json
from payments.sandbox.faults import Fault
from payments.sandbox.parameters import Fields, integer
from payments.sandbox.store import Store

NOTE = "storm"
OF_ALL = 1000
FIELDS: Fields = {"seed": integer(least=0), "per_mille": integer(least=1, most=500)}

# What goes wrong with a call, and with the first delivery of an event, and how often of a hundred times.
CALLS = {"drop_before": 15, "drop_after": 25, "server_error": 20, "rate_limit": 15, "latency": 25}
EVENTS = {"webhook_duplicate": 40, "webhook_lose": 20, "webhook_reorder": 20, "webhook_late": 20}
LATENCY_MILLISECONDS = (50, 1500)
LATE_MILLISECONDS = (200, 5000)


class Storm:
    """Draws faults with a seed. What was injected is counted before it happens, so a kill hides none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        kept: Json = json.loads(store.note(NOTE) or "{}")
        self.seed = int(kept.get("seed", 0))
        self.per_mille = int(kept.get("per_mille", 0))
        self.injected: dict[str, int] = dict(kept.get("injected", {}))
        self._dice = self._shaken()

    def begin(self, *, seed: int, per_mille: int) -> None:
        """Let `per_mille` of a thousand calls and events meet a fault from now on; counts anew."""
        self.seed, self.per_mille, self.injected = seed, per_mille, {}
        self._keep()
        self._dice = self._shaken()

    def calm(self) -> None:
        """Inject nothing any more; the counts stay readable until the next one begins."""
        self.per_mille = 0
        self._keep()

    def forget(self) -> None:
        """Begin as a new process does on an empty store."""
        self.seed, self.per_mille, self.injected = 0, 0, {}

    def describe(self) -> Json:
        """The storm as the control door shows it."""
        return {
            "seed": self.seed,
            "per_mille": self.per_mille,
            "injected": dict(self.injected),
            "total": sum(self.injected.values()),
        }

    def for_request(self) -> Fault | None:
        """The fault the next call meets, if it meets one."""
        return self._draw(CALLS, LATENCY_MILLISECONDS)

    def for_event(self) -> Fault | None:
        """The fault the first delivery of the next event meets, if it meets one."""
        return self._draw(EVENTS, LATE_MILLISECONDS)

    def _draw(self, kinds: dict[str, int], milliseconds: tuple[int, int]) -> Fault | None:
        if self._dice.randrange(OF_ALL) >= self.per_mille:
            return None
        kind = self._dice.choices(list(kinds), list(kinds.values()))[0]
        self.injected[kind] = self.injected.get(kind, 0) + 1
        self._keep()
        executed = self._dice.random() < 0.5  # noqa: PLR2004  as often as not
        return Fault(kind=kind, milliseconds=self._dice.randint(*milliseconds), executed=executed)

    def _keep(self) -> None:
        kept = {"seed": self.seed, "per_mille": self.per_mille, "injected": self.injected}
        with self._store.transaction():
            self._store.write_note(NOTE, json.dumps(kept))

    def _shaken(self) -> Random:
        # Together with what was injected so far, so that a restarted sandbox does not throw the same again.
        return Random(f"{self.seed} {sum(self.injected.values())}")  # noqa: S311  chance that can be repeated
