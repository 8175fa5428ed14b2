"""What the public pages about initiatives show."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Literal

from crowd.shared.money import ZERO, Money
from frontend.formats import percent
from frontend.views.forms import Choice, Form
from frontend.views.rewards import Offer

# The width of a progress bar in its own units: thousandths show a single card gift in a large campaign.
BAR_UNITS = 1000

CampaignState = Literal[
    "draft",
    "submitted",
    "changes_requested",
    "approved",
    "live",
    "collecting",
    "near_miss",
    "funded",
    "unfunded",
    "suspended",
    "cancelled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture and its sizes. `sources` are (mime type, srcset), best first; without them `src` is all there is.

    An empty `alt` says the picture only decorates, as a drawing does.
    """

    src: str
    alt: str = ""
    width: int = 1200
    height: int = 675
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a campaign is. `municipality` is the match as it stands now, whether or not awarded yet."""

    neighbours: Money
    municipality: Money
    minimum: Money
    target: Money
    supporters: int

    @cached_property
    def raised(self) -> Money:
        """Neighbours and municipality together."""
        return self.neighbours + self.municipality

    @cached_property
    def reached(self) -> bool:
        """Whether the minimum, which decides, has been reached."""
        return self.raised >= self.minimum

    @property
    def percent(self) -> int:
        """Whole percents of the minimum, rounded down; may pass 100."""
        return percent(self.raised, self.minimum)

    def units(self) -> tuple[int, int]:
        """Return how wide the two parts of the bar are, in thousandths; together never more than the bar.

        Until the minimum is reached the bar is the minimum; after that, the target.
        """
        whole = max(self.target.cents, self.raised.cents, 1) if self.reached else max(self.minimum.cents, 1)
        first = self.neighbours.cents * BAR_UNITS // whole
        both = self.raised.cents * BAR_UNITS // whole
        return first, both - first

    def minimum_at(self) -> int | None:
        """Return where on the bar the minimum lies, in thousandths, when that is not its end."""
        if not self.reached or self.target <= self.minimum:
            return None
        return self.minimum.cents * BAR_UNITS // max(self.target.cents, self.raised.cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An initiative in a list."""

    slug: str
    title: str
    summary: str
    theme: str
    neighbourhood: str
    state: CampaignState
    picture: Picture
    progress: Progress
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """What a co-funding scheme still has to give."""

    scheme: str
    ceiling: Money
    left: Money
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The front page."""

    template: ClassVar[str] = "home/page.html"
    live_count: int
    funded_count: int
    neighbours_gave: Money
    municipality_added: Money
    placements: int
    cards: tuple[Card, ...]
    pot: Pot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverPage:
    """Every initiative, filtered. `more_href` leads to the next part of the list, by key and not by number."""

    template: ClassVar[str] = "initiatives/list.html"
    cards: tuple[Card, ...]
    total: int
    themes: tuple[Choice, ...]
    neighbourhoods: tuple[Choice, ...]
    filters: Form
    more_href: str | None = None
    is_first_part: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """One thing to be bought."""

    label: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A moment at which hands are asked. `href` leads to signing up; without it the shift is full or over."""

    role: str
    starts_at: datetime
    ends_at: datetime
    place: str
    places_free: int
    places: int
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """News from the initiator; `body` is Markdown."""

    title: str
    body: str
    published_at: datetime
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Donor:
    """Someone on the wall. Without a name: anonymous. `amount` is left out when they do not show it."""

    name: str | None
    amount: Money | None
    at: datetime
    message: str = ""


Bound = Literal["threshold", "ratio", "donor_cap", "project_cap", "award", "goal_gap", "pot"]
MatchStage = Literal["computed", "awarded", "refused", "fixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Why the municipality adds this amount. `bound` names what stopped it from being more.

    The ratio is `adds` cents for every `per` cents of neighbours. `awarded_up_to` is set from `awarded` on.
    """

    scheme: str
    amount: Money
    bound: Bound
    stage: MatchStage
    adds: Money
    per: Money
    donor_cap: Money | None = None
    project_cap: Money | None = None
    pot_left: Money | None = None
    threshold: Money | None = None
    awarded_up_to: Money | None = None
    decided_at: datetime | None = None
    reasons: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a collecting campaign misses because payments failed, and the last moment to give it."""

    amount: Money
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What everybody may know of a funded initiative that stopped: the sums, and where what was left went so far."""

    gave: Money
    left: Money
    town: Money
    choose_until: datetime
    is_choosing: bool
    returned: Money = ZERO
    moved: Money = ZERO
    given_to_town: Money = ZERO
    lost: Money = ZERO

    @property
    def spent(self) -> Money:
        """What was paid out before it stopped."""
        return self.gave - self.left

    @property
    def under_way(self) -> Money:
        """What has still to be done."""
        return self.left - self.returned - self.moved - self.given_to_town - self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """Whose turn it is while a campaign nearly made it, and until when (the last moment). `missing` of the minimum.

    "over": every term has passed, and the outcome follows within minutes.
    """

    step: Literal["plan", "answer", "donors", "over"]
    missing: Money
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A smaller plan beside the one it comes from."""

    what_changes: str
    why: str
    minimum_before: Money
    minimum: Money
    before: tuple[BudgetLine, ...]
    after: tuple[BudgetLine, ...]

    @property
    def target_before(self) -> Money:
        """What everything would have cost."""
        return Money.total(line.amount for line in self.before)

    @property
    def target(self) -> Money:
        """What everything costs now."""
        return Money.total(line.amount for line in self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiativePage:
    """One initiative, in whatever state its campaign is. `state_reason` says why it was suspended or cancelled.

    `tolerance_percent`: by how much less than the minimum it goes through. `near_miss` and `revision` are there once
    it nearly made it, the second once the municipality confirmed a smaller plan.
    """

    template: ClassVar[str] = "initiatives/page.html"
    card: Card
    story: str
    help_wanted: str
    initiator: str
    place_note: str
    budget: tuple[BudgetLine, ...]
    shifts: tuple[Shift, ...]
    updates: tuple[Update, ...]
    donors: tuple[Donor, ...]
    match: Match | None
    published_at: datetime | None
    takes_pledges: bool
    more_donors: int = 0
    more_cards: tuple[Card, ...] = ()
    state_reason: str = ""
    collecting_until: datetime | None = None
    at_banks: Money = ZERO
    offers: tuple[Offer, ...] = ()
    missing: Missing | None = None
    stopped: Stopped | None = None
    may_edit: bool = False
    tolerance_percent: int = 0
    near_miss: NearMiss | None = None
    revision: Revision | None = None

    @property
    def target(self) -> Money:
        """What everything on the budget costs."""
        return Money.total(line.amount for line in self.budget) if self.budget else ZERO


EntryKind = Literal[
    "gift",
    "match",
    "fee",
    "refund",
    "refund_failed",
    "taken_back",
    "payout",
    "match_received",
    "dispute",
    "other",
    "moved",
    "returned",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of money; `amount` is negative when it leaves the initiative."""

    at: datetime
    kind: EntryKind
    who: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryEuroPage:
    """The public ledger of one initiative. The totals cover everything, also what is on a later part of the list.

    `costs_borne` is what the payments cost; the municipality bears it, so it is no movement of the initiative. `moved`
    came from initiatives that stopped, less what went elsewhere when this one did; `to_town` went to the municipality.
    """

    template: ClassVar[str] = "initiatives/every_euro.html"
    card: Card
    entries: tuple[Entry, ...]
    entry_count: int
    given: Money
    matched: Money
    costs_borne: Money
    refunded: Money
    paid_out: Money
    promised: Money
    as_of: datetime
    moved: Money = ZERO
    to_town: Money = ZERO
    more_href: str | None = None
    is_first_part: bool = True

    @property
    def balance(self) -> Money:
        """What is in the initiative's account at this moment."""
        return self.given + self.matched + self.moved - self.refunded - self.paid_out - self.to_town
