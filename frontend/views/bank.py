"""What a treasurer sees of our bank account: statements, lines that wait, and money that goes back to donors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """A line that came in and was not matched by itself, why, and what it could be: only what has its amount."""

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
class BankPage:
    """The treasurer's page of our account. Field: file. `account` is empty until somebody said which is ours."""

    template: ClassVar[str] = "bank/page.html"
    form: Form
    account: str
    in_drawer: Money
    lines: Sequence[OpenLine]
    awaited: Sequence[AwaitedLine]
    statements: Sequence[StatementLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """Money that goes back: ready once an account is known; `is_own` when this treasurer wrote the account down.

    `came_back`: it was paid back the way it came, and returned to us; `gift_href` is empty then.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsPage:
    """What a treasurer still pays back by bank. Field: reference, of the line in `wrong_id`."""

    template: ClassVar[str] = "bank/returns.html"
    form: Form
    wrong_id: str
    lines: Sequence[ReturnLine]
