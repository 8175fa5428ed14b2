"""Stripe's test cards and what each one does, after https://docs.stripe.com/testing, plus three of our own.

A card behaves by six facts: whether saving it is declined, when its bank asks for 3-D Secure, whether a
charge is declined, after how many declines a charge succeeds after all, what its holder does after a success,
and how a refund ends.
"""

from dataclasses import dataclass
from enum import Enum


class Asks(Enum):
    """When the bank asks the cardholder to confirm (3-D Secure)."""

    NEVER = "never"
    UNLESS_SET_UP = "unless_set_up"
    """Saving and every payment with the cardholder present; not off-session once saved with 3-D Secure."""
    ALWAYS = "always"


class Refunding(Enum):
    """How a refund to the card goes."""

    AT_ONCE = "at_once"
    LATER = "later"
    """Pending first, succeeded later."""
    FAILS = "fails"
    """Succeeded first, failed later."""


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What a cardholder says to the bank after paying; an inquiry moves no money, a chargeback takes it back."""

    reason: str
    network_code: str
    inquiry: bool = False


FRAUDULENT = Complaint(reason="fraudulent", network_code="10.4")
NOT_RECEIVED = Complaint(reason="product_not_received", network_code="13.1")
INQUIRY = Complaint(reason="fraudulent", network_code="10", inquiry=True)


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Why a bank says no, in Stripe's words; `advice` is what it recommends next."""

    code: str
    reason: str
    message: str
    advice: str


GENERIC = Decline(
    code="card_declined",
    reason="generic_decline",
    message="Your card was declined.",
    advice="try_again_later",
)
INSUFFICIENT_FUNDS = Decline(
    code="card_declined",
    reason="insufficient_funds",
    message="Your card has insufficient funds.",
    advice="try_again_later",
)
LOST_CARD = Decline(
    code="card_declined",
    reason="lost_card",
    message="Your card was declined.",
    advice="do_not_try_again",
)
STOLEN_CARD = Decline(
    code="card_declined",
    reason="stolen_card",
    message="Your card was declined.",
    advice="do_not_try_again",
)
EXPIRED_CARD = Decline(
    code="expired_card",
    reason="expired_card",
    message="Your card has expired.",
    advice="do_not_try_again",
)
INCORRECT_CVC = Decline(
    code="incorrect_cvc",
    reason="incorrect_cvc",
    message="Your card's security code is incorrect.",
    advice="confirm_card_data",
)
PROCESSING_ERROR = Decline(
    code="processing_error",
    reason="processing_error",
    message="An error occurred while processing your card. Try again in a little bit.",
    advice="try_again_later",
)
AUTHENTICATION_REQUIRED = Decline(
    code="authentication_required",
    reason="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
    advice="try_again_later",
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A test card: its number, the payment-method tokens that stand for it, and how it behaves.

    `saving` is the decline when it is saved or attached, `charging` the decline when it is charged;
    `good_after` turns `charging` into a success after that many declines. `complaint` comes with each success;
    `warns` is the issuer reporting fraud without one. `ours` marks a number that exists only in this sandbox, not
    at Stripe.
    """

    name: str
    number: str
    tokens: tuple[str, ...] = ()
    brand: str = "visa"
    asks: Asks = Asks.NEVER
    already_set_up: bool = False
    saving: Decline | None = None
    charging: Decline | None = None
    good_after: int | None = None
    available_at_once: bool = False
    complaint: Complaint | None = None
    warns: bool = False
    refunding: Refunding = Refunding.AT_ONCE
    ours: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def charge_decline(self, declines_so_far: int) -> Decline | None:
        """Why the bank refuses this charge, or None when it approves."""
        if self.good_after is not None and declines_so_far >= self.good_after:
            return None
        return self.charging

    def wants_authentication(self, *, off_session: bool, set_up: bool) -> bool:
        """Whether the bank asks for 3-D Secure before this charge."""
        if self.asks is Asks.UNLESS_SET_UP:
            return not (off_session and (set_up or self.already_set_up))
        return self.asks is Asks.ALWAYS


def _refused(name: str, number: str, decline: Decline, *tokens: str) -> Card:
    return Card(name=name, number=number, tokens=tokens, saving=decline, charging=decline)


CARDS = (
    Card(name="good", number="4242424242424242", tokens=("pm_card_visa",)),
    Card(
        name="good_mastercard",
        number="5555555555554444",
        tokens=("pm_card_mastercard",),
        brand="mastercard",
    ),
    Card(
        name="bypass_pending",
        number="4000000000000077",
        tokens=("pm_card_bypassPending",),
        available_at_once=True,
    ),
    Card(
        name="disputed",
        number="4000000000000259",
        tokens=("pm_card_createDispute",),
        complaint=FRAUDULENT,
    ),
    Card(
        name="not_received",
        number="4000000000002685",
        tokens=("pm_card_createDisputeProductNotReceived",),
        complaint=NOT_RECEIVED,
    ),
    Card(
        name="inquired",
        number="4000000000001976",
        tokens=("pm_card_createDisputeInquiry",),
        complaint=INQUIRY,
    ),
    Card(
        name="warned_of",
        number="4000000000005423",
        tokens=("pm_card_createIssuerFraudRecord",),
        warns=True,
    ),
    Card(
        name="refund_later",
        number="4000000000007726",
        tokens=("pm_card_pendingRefund",),
        refunding=Refunding.LATER,
    ),
    Card(
        name="refund_fails",
        number="4000000000005126",
        tokens=("pm_card_refundFail",),
        refunding=Refunding.FAILS,
    ),
    Card(
        name="asks_once",
        number="4000002500003155",
        tokens=("pm_card_authenticationRequiredOnSetup",),
        asks=Asks.UNLESS_SET_UP,
    ),
    Card(
        name="asks_always",
        number="4000002760003184",
        tokens=("pm_card_authenticationRequired", "pm_card_threeDSecure2Required"),
        asks=Asks.ALWAYS,
    ),
    Card(
        name="asked_before",
        number="4000003800000446",
        tokens=("pm_card_authenticationRequiredSetupForOffSession",),
        asks=Asks.UNLESS_SET_UP,
        already_set_up=True,
    ),
    Card(
        name="asks_then_insufficient",
        number="4000008260003178",
        tokens=("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",),
        asks=Asks.UNLESS_SET_UP,
        charging=INSUFFICIENT_FUNDS,
    ),
    Card(
        name="asks_then_declined",
        number="4000008400001629",
        tokens=("pm_card_threeDSecureRequiredChargeDeclined",),
        asks=Asks.ALWAYS,
        charging=GENERIC,
    ),
    Card(
        name="declined_when_charged",
        number="4000000000000341",
        tokens=("pm_card_chargeCustomerFail",),
        charging=GENERIC,
    ),
    Card(
        name="insufficient_when_charged",
        number="4000000099900005",
        tokens=("pm_card_sandboxInsufficientFundsWhenCharged",),
        charging=INSUFFICIENT_FUNDS,
        ours=True,
    ),
    Card(
        name="insufficient_twice",
        number="4000000099900013",
        tokens=("pm_card_sandboxInsufficientFundsTwice",),
        charging=INSUFFICIENT_FUNDS,
        good_after=2,
        ours=True,
    ),
    Card(
        name="lost_when_charged",
        number="4000000099900021",
        tokens=("pm_card_sandboxLostWhenCharged",),
        charging=LOST_CARD,
        ours=True,
    ),
    _refused("declined", "4000000000000002", GENERIC, "pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"),
    _refused(
        "insufficient",
        "4000000000009995",
        INSUFFICIENT_FUNDS,
        "pm_card_chargeDeclinedInsufficientFunds",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
    ),
    _refused(
        "lost",
        "4000000000009987",
        LOST_CARD,
        "pm_card_chargeDeclinedLostCard",
        "pm_card_visa_chargeDeclinedLostCard",
    ),
    _refused(
        "stolen",
        "4000000000009979",
        STOLEN_CARD,
        "pm_card_chargeDeclinedStolenCard",
        "pm_card_visa_chargeDeclinedStolenCard",
    ),
    _refused("expired", "4000000000000069", EXPIRED_CARD, "pm_card_chargeDeclinedExpiredCard"),
    _refused("incorrect_cvc", "4000000000000127", INCORRECT_CVC, "pm_card_chargeDeclinedIncorrectCvc"),
    _refused("processing_error", "4000000000000119", PROCESSING_ERROR, "pm_card_chargeDeclinedProcessingError"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {token: card for card in CARDS for token in card.tokens}
BY_NAME = {card.name: card for card in CARDS}


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the check digit every card number carries."""
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number)))
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0  # noqa: PLR2004 - digits
