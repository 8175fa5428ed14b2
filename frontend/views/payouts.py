"""What is shown of money that leaves: the treasurer's list, one payout, and the initiator's own page about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Form
from frontend.views.initiatives import Card

PayeeState = Literal["none", "started", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine:
    """A funded initiative on the treasurer's list, and what it waits for."""

    href: str
    title: str
    payee: PayeeState
    match: Money
    is_match_received: bool

    @property
    def is_ready(self) -> bool:
        """Whether nothing but the treasurer's word is missing."""
        return self.payee == "ready" and (not self.match or self.is_match_received)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsPage:
    """The treasurer's list."""

    template: ClassVar[str] = "payouts/list.html"
    waiting: Sequence[PayoutLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPage:
    """One payout for the treasurer: three things in a row, each done or to do. Fields: amount, reference.

    `lines_sent` of `lines` counts the transfers at the provider, one per gift. `by_bank` of the gifts came in cash or
    by transfer, and leaves by bank; `share_reference` is what the municipality writes on the transfer of its share.
    """

    template: ClassVar[str] = "payouts/payout.html"
    card: Card
    base: str
    form: Form
    payee: PayeeState
    gifts: Money
    gift_count: int
    by_bank: Money
    share_reference: str
    match: Money
    match_received_at: datetime | None
    match_reference: str
    approved_at: datetime | None
    sent_at: datetime | None
    lines: int
    lines_sent: int
    is_own: bool

    @property
    def total(self) -> Money:
        """Everything that is paid out."""
        return self.gifts + self.match

    @property
    def may_approve(self) -> bool:
        """Whether the button is there: everything is in, and it was not pressed yet."""
        is_complete = self.payee == "ready" and (not self.match or self.match_received_at is not None)
        return is_complete and self.approved_at is None and not self.is_own


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeePage:
    """Where the money of an initiative goes, for its initiator."""

    template: ClassVar[str] = "payouts/payee.html"
    card: Card
    action: str
    payee: PayeeState
    approved_at: datetime | None
    sent_at: datetime | None
    total: Money
