"""What is shown of money that leaves: the treasurer's list, one payout, and the initiator's own page about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import Card

PayeeState = Literal["none", "started", "ready", "closed"]
HostStage = Literal["", "asked", "agreed"]
PartState = Literal["later", "report", "next", "approved", "sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine:
    """A funded initiative on the treasurer's list, and what its next part waits for. `number` of `parts`."""

    href: str
    title: str
    payee: PayeeState
    match: Money
    is_match_received: bool
    number: int = 1
    parts: int = 1
    needs_plan: bool = False
    needs_report: bool = False
    is_stopped: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether nothing but the treasurer's word is missing."""
        is_in = self.payee == "ready" and (not self.match or self.is_match_received)
        return is_in and not (self.needs_plan or self.needs_report or self.is_stopped)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsPage:
    """The treasurer's list."""

    template: ClassVar[str] = "payouts/list.html"
    waiting: Sequence[PayoutLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a payout. `match` is the municipality's share in `amount`; names and moments of who approved it.

    State: later, report (waits for an approved report), next, approved (on its way), sent.
    """

    number: int
    milestone: str
    amount: Money
    match: Money
    state: PartState
    first_by: str = ""
    first_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    sent_at: datetime | None = None
    lines: int = 0
    lines_sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPage:
    """One payout for the treasurer: three things in a row, each done or to do.

    Fields: amount, reference; of the plan percent-1.. and milestone-1... `next_total` is what the next part pays now;
    `needs_second` when two people approve, `said_first` when this person did already.
    `by_bank` of the gifts came in cash or by transfer, and leaves by bank; `share_reference` is what the municipality
    writes on the transfer of its share. `host` is the fiscal host that receives; `closed_reason` why the account gets
    no more; `may_send_on` when a closed account held transfers that may go to the new one. Field too: reason.
    `is_stopped`: a plan to stop the initiative was proposed.
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
    parts: Sequence[Part]
    next_total: Money
    limit: Money
    needs_second: bool
    said_first: bool
    is_proposed: bool
    may_plan: bool
    rows: int
    is_own: bool
    host: str = ""
    closed_reason: str = ""
    may_send_on: bool = False
    is_stopped: bool = False

    @property
    def total(self) -> Money:
        """Everything that is paid out."""
        return self.gifts + self.match

    @property
    def next(self) -> Part | None:
        """The part that waits for a word, or nothing when all were approved."""
        return next((part for part in self.parts if part.state in {"next", "report"}), None)

    @property
    def last_sent_at(self) -> datetime | None:
        """When the last part left, or nothing while one has not."""
        return self.parts[-1].sent_at if self.parts else None

    @property
    def may_approve(self) -> bool:
        """Whether the button is there: everything is in, and this person did not press it yet."""
        is_complete = self.payee == "ready" and (not self.match or self.match_received_at is not None)
        is_due = self.next is not None and self.next.state == "next"
        return is_complete and is_due and not (self.is_proposed or self.is_own or self.said_first or self.is_stopped)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeePage:
    """Where the money of an initiative goes, for its initiator: an account of its own, or of a fiscal host.

    `hosts` are the organisations to ask, `host` the one that was asked or agreed. Field: host.
    """

    template: ClassVar[str] = "payouts/payee.html"
    card: Card
    action: str
    payee: PayeeState
    approved_at: datetime | None
    sent_at: datetime | None
    total: Money
    form: Form = field(default_factory=Form)
    hosts: tuple[Choice, ...] = ()
    host: str = ""
    host_stage: HostStage = ""
