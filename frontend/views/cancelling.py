"""What is shown of a funded initiative that stops: the plan for staff, a donor's choice, and the sums for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from crowd.shared.money import ZERO, Money
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import Card

PlanState = Literal["preview", "proposed", "approved"]
Wish = Literal["refund", "move", "gift", "share"]
LineState = Literal["waits", "held", "under_way", "done", "lost", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """A plan on the list of plans to stop."""

    href: str
    title: str
    state: Literal["proposed", "refused", "approved"]
    left: Money
    proposed_at: datetime
    choose_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansPage:
    """The plans to stop, and the funded initiatives for which one can be made."""

    template: ClassVar[str] = "cancelling/list.html"
    plans: Sequence[PlanLine]
    may_stop: Sequence[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """What one party gave and gets. `who` is a name or nothing, `reference` that of the gift; both empty: the town."""

    who: str
    reference: str
    gave: Money
    gets: Money
    wish: Wish
    to_title: str
    state: LineState


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPage:
    """One plan to stop: as it would be, as it was proposed, or how far it is.

    `problem` says why none can be made now. Fields: reason; amount and reference of the transfer to the municipality,
    of which `town_due` waits and `town_sent` was transferred.
    """

    template: ClassVar[str] = "cancelling/plan.html"
    card: Card
    base: str
    form: Form
    state: PlanState
    problem: str
    gave: Money
    left: Money
    town: Money
    donors: int
    lines: Sequence[PartLine]
    more_href: str | None
    reason: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    choose_until: datetime | None = None
    is_choosing: bool = False
    town_due: Money = ZERO
    town_sent: Money = ZERO
    done: int = 0
    is_own: bool = False
    is_own_plan: bool = False
    may_decide: bool = False

    @property
    def spent(self) -> Money:
        """What was paid out already."""
        return self.gave - self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePage:
    """Where a donor chooses what happens to what is left of their gift, until `choose_until`; after it, what was done.

    Fields: choice, target (one of `targets`). `chosen` is what stands now, `to_title` the initiative it goes to.
    """

    template: ClassVar[str] = "cancelling/choice.html"
    card: Card
    base: str
    form: Form
    gave: Money
    left: Money
    reason: str
    choose_until: datetime
    may_choose: bool
    chosen: Wish
    to_title: str
    state: LineState
    targets: Sequence[Choice]

    @property
    def spent(self) -> Money:
        """What of this gift was paid out already."""
        return self.gave - self.left
