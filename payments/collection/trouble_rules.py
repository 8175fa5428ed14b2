"""What is wrong with a payment that failed, as far as a donor can do something about it.

Source: Stripe's list of decline codes and its advice on each, which asks not to tell whoever pays that a card was
reported lost or stolen: they may be the thief.
"""

from typing import Final, Literal

Trouble = Literal[
    "approval", "funds", "expired", "details", "unsupported", "account", "blocked", "temporary", "unfinished", "refused"
]

_CODES: Final[dict[Trouble, tuple[str, ...]]] = {
    "approval": ("authentication_required", "payment_intent_authentication_failure"),
    "funds": (
        "insufficient_funds",
        "card_velocity_exceeded",
        "withdrawal_count_limit_exceeded",
        "charge_exceeds_transaction_limit",
        "charge_exceeds_source_limit",
        "charge_exceeds_weekly_limit",
    ),
    "expired": ("expired_card",),
    "details": (
        "incorrect_number",
        "invalid_number",
        "incorrect_cvc",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "incorrect_address",
        "incorrect_zip",
    ),
    "unsupported": (
        "card_not_supported",
        "currency_not_supported",
        "transaction_not_allowed",
        "not_permitted",
        "sepa_debit_bank_not_supported",
    ),
    "account": (
        "invalid_account",
        "account_closed",
        "bank_account_unusable",
        "bank_account_restricted",
        "debit_not_authorized",
        "payment_intent_mandate_invalid",
    ),
    "blocked": (
        "lost_card",
        "stolen_card",
        "pickup_card",
        "restricted_card",
        "fraudulent",
        "security_violation",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "stop_payment_order",
    ),
    "temporary": ("processing_error", "issuer_not_available", "try_again_later", "reenter_transaction"),
}
_TROUBLES: Final[dict[str, Trouble]] = {code: trouble for trouble, codes in _CODES.items() for code in codes}
NAMED: Final = frozenset(_TROUBLES)


def trouble_of(code: str | None, *, by_ideal: bool = False) -> Trouble:
    """Return what the provider's `code` means to a donor; "refused" when their bank does not say.

    `by_ideal`: the last try was a payment at the donor's own bank, which they did not finish.
    """
    if by_ideal:
        return "unfinished"
    return _TROUBLES.get(code or "", "refused")


def same_way_may_help(trouble: Trouble, *, may_retry: bool) -> bool:
    """Whether trying once more with what was saved makes sense: never after the bank said not to."""
    return trouble in {"approval", "unfinished"} or may_retry
