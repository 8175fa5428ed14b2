"""What a donor sees: the form, and the page of their own contribution."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import Card, Missing, NearMiss, Revision

PledgeState = Literal[
    "promised",
    "secured",
    "abandoned",
    "withdrawn",
    "released",
    "charging",
    "collected",
    "processing",
    "needs_action",
    "declined",
    "dropped",
    "refunded",
    "disputed",
    "charged_back",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgePage:
    """The one form a donor fills in. `pledge_id` is chosen when the form is made: it is the double-submit guard.

    `missing`: the campaign is collecting and lacks so much, so the gift is charged at once.
    Fields: pledge_id, amount (one of `amounts` in euros, or "other"), other_amount, name, anonymous, message,
    reward (one of `rewards`; what ran out is named in `gone`), email, updates.
    """

    template: ClassVar[str] = "pledges/new.html"
    card: Card
    pledge_id: str
    form: Form
    debit_limit: Money
    rewards: tuple[Choice, ...] = ()
    gone: tuple[str, ...] = ()
    missing: Missing | None = None
    amounts: tuple[Money, ...] = (Money(10_00), Money(25_00), Money(50_00), Money(100_00))


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """The bank account a donor saved, as far as it may be shown, and the permission they gave to debit it.

    `creditor` is who may debit, and `at` when it will be, once that is known.
    """

    last4: str
    mandate_reference: str
    mandate_url: str
    creditor: str
    at: datetime | None


# The gift goes back: the way it came; or by bank, because its refund came back, once an account was asked or given.
Returning = Literal["", "same_way", "account_asked", "account_given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPledgePage:
    """A donor's own page, reached after paying and by the link in every message.

    `base` is its own address; acts post below it: withdrawal, method, payment, ideal, amount, and confirmation of the
    address. Fields: amount, `was` telling which amount the form was made for; name, anonymous, message. `card_name`
    is what may be shown of the saved card, `debit` of the saved account; one for more than `debit_limit` was refused
    when `is_account_refused`. `left` is what is left of it when its initiative was funded and stopped after all: the
    donor chooses before `choose_until`, on /keuze. `trouble` and `remedy` say in words what went wrong and what to do;
    both empty: nothing to mend. `returning` is empty unless the gift goes back; fields then: account, holder.
    While the campaign is a `near_miss` a collected gift may be taken back, because of the `revision`; `is_going_back`:
    that was done, or the money goes back for another reason.
    """

    template: ClassVar[str] = "pledges/page.html"
    card: Card
    base: str
    reference: str
    state: PledgeState
    amount: Money
    email: str
    made_at: datetime
    is_email_confirmed: bool
    may_withdraw: bool
    may_retry: bool
    may_change: bool = False
    may_word: bool = False
    is_message_hidden: bool = False
    reward: str = ""
    may_give_up_reward: bool = False
    card_name: str = ""
    form: Form = field(default_factory=Form)
    debit_limit: Money
    is_account_refused: bool = False
    debit: Debit | None = None
    is_new: bool = False
    fills_gap: bool = False
    trouble: str = ""
    remedy: str = ""
    may_try_same: bool = True
    tries_again_at: datetime | None = None
    left: Money | None = None
    choose_until: datetime | None = None
    returning: Returning = ""
    near_miss: NearMiss | None = None
    revision: Revision | None = None
    may_take_back: bool = False
    is_going_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNewsPage:
    """The page that ends an initiative's news, before and after; `action` is where its one button posts to."""

    template: ClassVar[str] = "pledges/stop_news.html"
    title: str
    initiative_href: str
    action: str
    is_stopped: bool
