"""What a treasurer sees of our bank account: statements, lines that wait, and money that goes back to donors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftOffer:
    """The gift that a line of another amount names; `is_second` when its money came before."""

    donor: str
    title: str
    announced: Money
    is_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """A line that was not matched by itself, why, and what it could be: only what has its amount."""

    id: str
    base: str
    booked_on: date
    amount: Money
    counterparty: str
    account: str
    description: str
    reason: str
    awaited: tuple[Choice, ...]
    may_be_cash: bool
    may_be_costs: bool = False
    gift: GiftOffer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A statement that was read."""

    ref: str
    from_on: date
    to_on: date
    opening: Money
    closing: Money
    uploaded_at: datetime
    lines: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedLine:
    """A transfer that is still to come, under its reference; `who` is empty for the municipality's share."""

    reference: str
    who: str
    title: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLine:
    """What was booked on our account and was not seen on it yet; `is_out` when money leaves by it."""

    what: str
    title: str
    reference: str
    amount: Money
    is_out: bool
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPage:
    """The treasurer's page of our account. Field: file. `account` is empty until somebody said which is ours."""

    template: ClassVar[str] = "bank/page.html"
    form: Form
    account: str
    in_drawer: Money
    lines: Sequence[OpenLine]
    left: Sequence[OpenLine]
    awaited: Sequence[AwaitedLine]
    booked: Sequence[BookedLine]
    statements: Sequence[StatementLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """Money that goes back: ready once an account is known; `is_own` when this treasurer wrote the account down.

    `came_back`: it was paid back the way it came, and returned to us; `gift_href` is empty then. `came_on`: a transfer
    that is nobody's gift, of that day, which goes back where it came from. `reference` is for the description.

    `account` is spaced to be read, `iban` what the form sends back: what was seen is what was paid.
    """

    id: str
    base: str
    gift_href: str
    donor: str
    title: str
    amount: Money
    holder: str
    account: str
    iban: str
    is_ready: bool
    is_own: bool
    came_back: bool = False
    reference: str = ""
    came_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsPage:
    """What a treasurer still pays back by bank. Field: reference, of the line in `wrong_id`."""

    template: ClassVar[str] = "bank/returns.html"
    form: Form
    wrong_id: str
    lines: Sequence[ReturnLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWanted:
    """A donor whose refund came back and whose account is not known."""

    id: str
    base: str
    donor: str
    title: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage:
    """Accounts that the counter asks donors for. Fields: account and holder, of the line in `wrong_id`."""

    template: ClassVar[str] = "bank/accounts.html"
    form: Form
    wrong_id: str
    lines: Sequence[AccountWanted]
