"""One act: everything a single call, form or alarm changes, at one moment, in one transaction."""

from dataclasses import dataclass

from payments.sandbox.documents import Json
from payments.sandbox.errors import missing
from payments.sandbox.settings import Settings
from payments.sandbox.store import Store


@dataclass(frozen=True, kw_only=True)
class Act:
    """What an operation works with. `now` is the sandbox's time, the same throughout the act.

    `due` is the moment an alarm was set for: when the clock is moved far ahead, what follows from an alarm is
    counted from there, so that a month in one step ends as a month of days does.
    """

    store: Store
    settings: Settings
    now: int
    request_id: str | None = None
    idempotency_key: str | None = None
    due: int | None = None

    def after(self, seconds: int) -> int:
        """The moment so many seconds after this act, or after the moment its alarm was set for."""
        return (self.now if self.due is None else self.due) + seconds

    def load(self, kind: str, identifier: str, *, param: str, in_path: bool = False) -> Json:
        """The object, or the error Stripe gives when there is none."""
        found = self.store.get(kind, identifier)
        if found is None:
            raise missing(kind, identifier, param=param, in_path=in_path)
        return found
