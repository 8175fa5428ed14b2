"""The sandbox's own time: real time plus an offset that survives a restart."""

import time

from payments.sandbox.store import Store

OFFSET = "clock_offset_seconds"


class Clock:
    """Tells the sandbox's time in whole seconds since 1970 (UTC); `move` is for the control door only.

    Webhook signatures and retries use real time: the receiver compares them with its own watch.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.offset_seconds = int(store.note(OFFSET) or 0)

    def now(self) -> int:
        """The sandbox's time in whole seconds since 1970."""
        return int(time.time()) + self.offset_seconds

    def move(self, offset_seconds: int) -> None:
        """Sets the offset from real time, in seconds, and remembers it."""
        with self._store.transaction():
            self._store.write_note(OFFSET, str(offset_seconds))
        self.offset_seconds = offset_seconds
