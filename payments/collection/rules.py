"""What a provider's word about a payment means, and when to try again.

Source: docs/money.md, "Where a cent is": soft declines are retried after 1, 3 and 6 days while collecting lasts, never
after the bank said not to; a donor who must act is mailed every 48 hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crowd.shared.errors import Conflict, msg

RETRY_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=6))
REMIND_EVERY = timedelta(hours=48)
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What an intent, as fetched or answered, means for its charge."""

    state: ChargeState
    may_retry: bool = True


def read_intent(*, status: str, code: str | None, decline_code: str | None, advice_code: str | None) -> Reading | None:
    """Return what the provider's `status` means; None when it says nothing about an attempt (not yet confirmed).

    A declined intent goes back to `requires_payment_method`, which is also how a fresh one without a card looks:
    only its error tells them apart.
    """
    if status == "succeeded":
        return Reading("succeeded")
    if status == "processing":
        return Reading("processing")
    if status == "canceled":
        return Reading("cancelled")
    if status == "requires_action" or code in MUST_ACT:
        return Reading("needs_action", may_retry=False)
    if status == "requires_payment_method" and code is not None:
        forbidden = advice_code == "do_not_try_again" or decline_code in HARD_DECLINES or code in HARD_DECLINES
        return Reading("declined", may_retry=not forbidden)
    return None


def next_attempt(*, declines: int, may_retry: bool, now: datetime, collect_until: datetime) -> datetime | None:
    """Return when to charge again after the `declines`-th decline, or None when only the donor can help.

    The waits are counted from one decline to the next and never pass the end of collecting.
    """
    if not may_retry or declines > len(RETRY_AFTER):
        return None
    waited = RETRY_AFTER[declines - 2] if declines > 1 else timedelta(0)
    again = now + RETRY_AFTER[declines - 1] - waited
    return again if again < collect_until else None
