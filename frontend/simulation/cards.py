"""The cards simulated donors hold, in the proportions one meets, and what each donor does when one fails.

The numbers are Stripe's test cards (https://docs.stripe.com/testing) and those the sandbox adds: see its README.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Trouble(Enum):
    """Where a card gives trouble, and what helps."""

    NONE = "none"
    AT_SAVING = "at_saving"
    ASKS_BANK = "asks_bank"
    """Charged while the donor is away, the bank wants to see them: they approve by the mailed link, or not."""
    MENDS_ITSELF = "mends_itself"
    """Declined at first; a later attempt of ours succeeds, as after payday."""
    REFUSED = "refused"
    """Declined however often it is tried: only another card helps."""


@dataclass(frozen=True, slots=True)
class Card:
    """A test card; `share` is how many of a thousand donors hold one like it."""

    number: str
    share: int
    trouble: Trouble = Trouble.NONE


GOOD: Final = Card("4242424242424242", 735)
SECOND: Final = Card("5555555555554444", 70)
CARDS: Final = (
    GOOD,
    SECOND,
    # 3-D Secure once, while saving.
    Card("4000002500003155", 60),
    # 3-D Secure at every charge.
    Card("4000002760003184", 40, Trouble.ASKS_BANK),
    # Insufficient funds twice, then good.
    Card("4000000099900013", 25, Trouble.MENDS_ITSELF),
    # Insufficient funds, again and again; the second after 3-D Secure.
    Card("4000000099900005", 14, Trouble.REFUSED),
    Card("4000008260003178", 6, Trouble.REFUSED),
    # Declined without a reason; lost, with the advice never to try again.
    Card("4000000000000341", 16, Trouble.REFUSED),
    Card("4000000099900021", 9, Trouble.REFUSED),
    # Refused on the hosted page already: declined, insufficient funds, expired.
    Card("4000000000000002", 11, Trouble.AT_SAVING),
    Card("4000000000009995", 9, Trouble.AT_SAVING),
    Card("4000000000000069", 5, Trouble.AT_SAVING),
)
