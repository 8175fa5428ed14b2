"""What an initiative offers in return, for who chooses and for who offers."""

from dataclasses import dataclass
from typing import ClassVar

from crowd.shared.money import Money
from frontend.views.forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something a donor gets from an amount on. `left` is empty when there are as many as asked."""

    id: str
    title: str
    description: str
    from_amount: Money
    left: int | None
    is_closed: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the last one was promised."""
        return self.left == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardsPage:
    """The rewards of one initiative, and the form for another.

    Fields: reward_id, title, description, from_amount, stock.
    """

    template: ClassVar[str] = "rewards/page.html"
    title: str
    slug: str
    offers: tuple[Offer, ...]
    may_change: bool
    form: Form
