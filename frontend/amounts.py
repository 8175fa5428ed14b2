"""Euros as people type them."""

import re

from crowd.shared.money import Money

# At most this many digits before the comma: more is a slip of the keyboard, and the rules refuse far less.
_DIGITS_MAX = 9
_WITH_COMMA = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?", re.ASCII)
_WITH_POINT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)


def read_amount(text: str) -> Money | None:
    """Return the amount in `text`, written the Dutch or the English way; None when it is no amount.

    "25", "€ 12,50", "12.50", "1.250", "1,250.00" and "10,-" are all understood. A single separator followed by
    three digits groups thousands ("1.250" is 1250), because nobody types tenths of a cent.
    """
    bare = text.replace("€", "").replace("EUR", "").replace("\u00a0", "").replace(" ", "").removesuffix(",-")
    match = _WITH_COMMA.fullmatch(bare) or _WITH_POINT.fullmatch(bare)
    if match is None:
        return None
    euros = re.sub(r"[.,]", "", match[1])
    if len(euros) > _DIGITS_MAX:
        return None
    return Money(int(euros) * 100 + int((match[2] or "0").ljust(2, "0")))
