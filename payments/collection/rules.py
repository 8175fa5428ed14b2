"""What a provider's word about a payment means, when to try again, and which amounts may be debited.

Source: docs/money.md, "Where a cent is": soft declines are retried after 1, 3 and 6 days while collecting lasts, never
after the bank said not to; a donor who must act is mailed every 48 hours. A debit is announced two days before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crowd.shared.errors import Conflict, Invalid, msg
from crowd.shared.money import Money

RETRY_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=6))
REMIND_EVERY = timedelta(hours=48)
# A mandate promises that a debit is announced, with amount and day, at least so long before it.
ANNOUNCED_BEFORE = timedelta(days=2)
# A hosted page lives a day; we hand out its address again only while it surely works.
CHECKOUT_USABLE = timedelta(hours=20)

# Only a person can mend these: a new card, a call to the bank. Trying again by ourselves would only annoy.
HARD_DECLINES = frozenset(
    {
        "expired_card",
        "lost_card",
        "stolen_card",
        "pickup_card",
        "fraudulent",
        "invalid_account",
        "incorrect_number",
        "card_not_supported",
        "currency_not_supported",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "stop_payment_order",
        # Direct debits: the mandate has ended, or this account cannot be debited at all.
        "debit_not_authorized",
        "payment_intent_mandate_invalid",
        "bank_account_unusable",
        "sepa_debit_bank_not_supported",
        "account_closed",
        "charge_exceeds_transaction_limit",
    }
)
MUST_ACT = frozenset({"authentication_required", "payment_intent_authentication_failure"})

ChargeState = Literal[
    "planned", "created", "confirming", "succeeded", "processing", "needs_action", "declined", "cancelled"
]
FINAL = frozenset({"succeeded", "cancelled"})


class NothingToPay(Conflict):
    """The link in the mail was used, or the campaign is over."""

    sentence = msg("There is nothing left to pay for this contribution.")


class LimitNotPossible(Invalid):
    """No bank debits more than that, and less than nothing is nothing."""

    sentence = msg("A direct debit is at most € {euros}.")


class HeldTooShort(Invalid):
    """Days are counted from 0."""

    sentence = msg("Fill in for how many days what was debited is kept before it is paid out.")


class TooMuchForAnAccount(Invalid):
    """A new amount above what may be debited, for a pledge that is paid from a bank account."""

    sentence = msg("From a bank account we take at most € {euros} at a time. Choose a card first for a larger amount.")


MOST_A_BANK_DEBITS = Money(10_000_00)


@dataclass(frozen=True, slots=True)
class DebitTerms:
    """How a municipality takes direct debits: up to which amount, and how long it keeps what was debited."""

    limit: Money
    held_for: timedelta


# Eight weeks: so long a donor's bank takes a debit back without asking why.
DEBIT_TERMS = DebitTerms(limit=Money(1_000_00), held_for=timedelta(weeks=8))


def check_debit_terms(*, limit: Money, held_days: int) -> None:
    """Return when a municipality may choose these terms; raise LimitNotPossible or HeldTooShort otherwise."""
    if not Money(0) <= limit <= MOST_A_BANK_DEBITS:
        raise LimitNotPossible(field="limit", euros=MOST_A_BANK_DEBITS.cents // 100)
    if held_days < 0:
        raise HeldTooShort(field="held_days")


def may_be_debited(*, amount: Money, terms: DebitTerms) -> bool:
    """Whether this amount may be taken from a bank account; above it only a card will do."""
    return amount <= terms.limit


@dataclass(frozen=True, slots=True)
class Reading:
    """What an intent, as fetched or answered, means for its charge."""

    state: ChargeState
    may_retry: bool = True


def read_intent(
    *, status: str, code: str | None, decline_code: str | None, advice_code: str | None, way: str = "card"
) -> Reading | None:
    """Return what the provider's `status` means; None when it says nothing about an attempt (not yet confirmed).

    `way` is what was last tried with: a donor who gave up at iDEAL has nothing left to approve there.

    A declined intent goes back to `requires_payment_method`, which is also how a fresh one without a card looks:
    only its error tells them apart.
    """
    if status == "succeeded":
        return Reading("succeeded")
    if status == "processing":
        return Reading("processing")
    if status == "canceled":
        return Reading("cancelled")
    if status == "requires_action" or (code in MUST_ACT and way != "ideal"):
        return Reading("needs_action", may_retry=False)
    if status == "requires_payment_method" and code is not None:
        forbidden = advice_code == "do_not_try_again" or decline_code in HARD_DECLINES or code in HARD_DECLINES
        return Reading("declined", may_retry=not forbidden)
    return None


def next_attempt(
    *, declines: int, may_retry: bool, is_debit: bool, now: datetime, collect_until: datetime
) -> datetime | None:
    """Return when to charge again after the `declines`-th decline, or None when only the donor can help.

    The waits are counted from one decline to the next and never pass the end of collecting. A debit is announced
    anew, so it waits at least as long as that takes.
    """
    if not may_retry or declines > len(RETRY_AFTER):
        return None
    waited = RETRY_AFTER[declines - 2] if declines > 1 else timedelta(0)
    wait = RETRY_AFTER[declines - 1] - waited
    again = now + (max(wait, ANNOUNCED_BEFORE) if is_debit else wait)
    return again if again < collect_until else None
