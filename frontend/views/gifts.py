"""What is shown of gifts in cash and by transfer: the clerk's list and form, one gift, and the donor's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import CampaignState, NearMiss, Revision

Way = Literal["cash", "bank_transfer"]
# Where the money is: to_confirm is cash that waits for a second person; ended means that none ever came.
Stage = Literal[
    "announced", "to_confirm", "held", "collected", "returning", "account_given", "returned", "refunded", "ended"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftLine:
    """A gift on the clerk's list."""

    href: str
    donor: str
    title: str
    amount: Money
    way: Way
    stage: Stage
    reference: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftsPage:
    """The clerk's list: gifts of campaigns that still run, the oldest first."""

    template: ClassVar[str] = "gifts/list.html"
    lines: Sequence[GiftLine]
    may_record: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGiftPage:
    """Write a gift down; `alone` is how much cash one person may take.

    Fields: channel, initiative, way, amount, name, postcode, house_number, email, public_name, consent.
    """

    template: ClassVar[str] = "gifts/new.html"
    form: Form
    pledge_id: str
    initiatives: tuple[Choice, ...]
    ways: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    alone: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """One gift, whoever looks at it. `reference` and `account` are spaced, as they are read aloud.

    `campaign`: how that stands. While it is a `near_miss` a collected gift may go back, because of the `revision`.
    """

    donor: str
    title: str
    initiative_href: str
    amount: Money
    way: Way
    stage: Stage
    reference: str
    account: str
    recorded_at: datetime
    minimum: Money
    deadline_at: datetime | None
    campaign: CampaignState = "live"
    near_miss: NearMiss | None = None
    revision: Revision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftPage:
    """One gift at the counter: the receipt to print, and what can still be done. Fields: holder, account."""

    template: ClassVar[str] = "gifts/gift.html"
    gift: Gift
    base: str
    form: Form
    may_confirm: bool
    may_withdraw: bool
    may_give_account: bool
    is_own: bool
    may_take_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnGiftPage:
    """The donor's own page of a gift in cash or by transfer. Fields: holder, account."""

    template: ClassVar[str] = "gifts/own.html"
    gift: Gift
    base: str
    form: Form
    may_withdraw: bool
    may_take_back: bool = False
