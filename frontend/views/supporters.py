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
class SupportersPage:
    """The words that came with gifts to one initiative, newest first."""

    template: ClassVar[str] = "supporters/page.html"
    title: str
    slug: str
    words: tuple[Words, ...]
    more_href: str = ""
    is_first_part: bool = True
