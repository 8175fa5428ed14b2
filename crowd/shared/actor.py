"""Who acts: the answer to "who did this", at every door."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """How the act reached us. All are equal; we only remember which it was."""

    WEB = "web"
    API = "api"
    DESK = "desk"
    PHONE = "phone"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in person, a visitor without account, an operator, or the system itself.

    `roles` are the municipal roles this person holds now; `mandate_cents` the highest award they may make;
    `on_behalf_of` the resident a clerk acts for.
    """

    municipality_id: UUID | None
    person_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    mandate_cents: int = 0
    channel: Channel = Channel.WEB
    on_behalf_of: UUID | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether we know which person this is."""
        return self.person_id is not None


def system(municipality_id: UUID | None) -> Actor:
    """Return the actor for what nobody asked for at this moment: the clock, the worker, a sweep."""
    return Actor(municipality_id=municipality_id, channel=Channel.SYSTEM)


def operator(municipality_id: UUID | None) -> Actor:
    """Return the actor for a command typed on the server."""
    return Actor(municipality_id=municipality_id, channel=Channel.OPERATOR)
