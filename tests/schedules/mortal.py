"""The way to the provider as it is in life: the process may die on it, and others act while it waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from payments.gateway import Gateway
from payments.provider import Answer, Request
from tests.sandbox_process import API_KEY

Result = TypeVar("Result")
Moment = Literal["before sending", "after sending"]


class Died(BaseException):
    """The process was killed here. Not an Exception: nothing of ours may catch it and go on."""


@dataclass
class Meanwhile:
    """What happens at the `calls_until`-th call to the provider from now, just before it is sent or just after."""

    calls_until: int
    moment: Moment
    act: Callable[[], None]


@dataclass
class Fate:
    """What is still going to happen on the way, and every key that was ever sent, with its request.

    `broken` keeps what was wrong on the wire: raised where it happens it could be put aside as one more failure of
    one event or one sweep, which is how a planted mistake once stayed unseen.
    """

    meanwhile: Meanwhile | None = None
    sent: dict[str, tuple[str, str, Mapping[str, Any]]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def remember(self, request: Request) -> None:
        """Keep what was sent under this key; the same key with another request breaks I8."""
        whole = (request.operation, request.target, dict(request.parameters))
        before = self.sent.setdefault(request.key, whole)
        if before != whole:
            self.broken.append(f"I8: the key {request.key} was sent with {before}, and now with {whole}")

    def reach(self, moment: Moment) -> None:
        """Let happen what was planned for this moment of this call."""
        planned = self.meanwhile
        if planned is None or planned.moment != moment:
            return
        planned.calls_until -= 1
        if planned.calls_until <= 0:
            self.meanwhile = None
            planned.act()


class MortalGateway(Gateway):
    """The real gateway over real HTTP; at the boundary of the network its process may die, or others act."""

    def __init__(self, *, api_base: str, webhook_secret: str) -> None:
        super().__init__(api_key=API_KEY, api_base=api_base, timeout_seconds=5, webhook_secret=webhook_secret)
        self.fate = Fate()

    def send(self, request: Request) -> Answer:
        self.fate.remember(request)
        return super().send(request)

    def _observed(self, operation: str, call: Callable[[], Result]) -> Result:
        self.fate.reach("before sending")
        result = super()._observed(operation, call)
        self.fate.reach("after sending")
        return result
