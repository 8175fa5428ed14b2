"""What an initiator and the counter see of who gave: words to read along, and to hide when they harm somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crowd.shared.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A gift with words. `name` is empty for who is unnamed; `act` is where hiding or showing posts to."""

    name: str
    amount: Money
    at: datetime
    message: str
    is_hidden: bool
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDeliver:
    """A gift that gets something. `email` is there once the money was collected, to deliver."""

    reward: str
    name: str
    amount: Money
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportersPage:
    """What came with gifts to one initiative, newest first: who gets something, and words."""

    template: ClassVar[str] = "supporters/page.html"
    title: str
    slug: str
    words: tuple[Words, ...]
    deliveries: tuple[ToDeliver, ...] = ()
    more_deliveries_href: str = ""
    more_href: str = ""
    is_first_part: bool = True
