"""Reading what a donor typed in the card form. Pure: text in, a card or the mistakes out."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from payments.sandbox.cards import BY_NUMBER, Card, passes_luhn

EXPIRY = re.compile(r"(\d{1,2})\s*/\s*(\d{2}|\d{4})")
LAST_MONTH = 12
CENTURY = 2000


@dataclass(frozen=True, kw_only=True)
class TypedCard:
    """A test card with its expiry; `mistakes` maps a field to the word that tells what is wrong."""

    card: Card | None
    exp_month: int
    exp_year: int
    mistakes: dict[str, str]


def read_card(*, number: str, expiry: str, cvc: str, now: int) -> TypedCard:
    """Checks the three fields together, so that every mistake is told at once."""
    mistakes: dict[str, str] = {}
    digits = re.sub(r"[\s-]", "", number)
    card = BY_NUMBER.get(digits)
    if not digits:
        mistakes["number"] = "number_missing"
    elif not digits.isascii() or not digits.isdecimal() or not passes_luhn(digits):
        mistakes["number"] = "number_incorrect"
    elif card is None:
        mistakes["number"] = "number_unknown"
    month, year = 0, 0
    match = EXPIRY.fullmatch(expiry.strip())
    if match is None or not 1 <= int(match[1]) <= LAST_MONTH:
        mistakes["expiry"] = "expiry_incorrect"
    else:
        month, year = int(match[1]), int(match[2])
        year += CENTURY if year < CENTURY else 0
        today = datetime.fromtimestamp(now, tz=UTC)
        if (year, month) < (today.year, today.month):
            mistakes["expiry"] = "expiry_past"
    if not re.fullmatch(r"[0-9]{3}", cvc.strip()):
        mistakes["cvc"] = "cvc_incorrect"
    return TypedCard(card=card, exp_month=month, exp_year=year, mistakes=mistakes)
