"""How long we know where donors live and which account they have. Pure.

Source: docs/settings.md, "What is forgotten"; the law keeps the books for seven years (AWR article 52).
"""

from datetime import date, datetime, timedelta
from typing import Final

# What stands in the place of an account number that was forgotten: a paid return always has one.
FORGOTTEN: Final = "-"


def households_before(*, now: datetime, days: int) -> datetime:
    """Return the moment before which a campaign must have ended for its donors' households to be forgotten."""
    return now - timedelta(days=days)


def accounts_before(*, today: date, years: int) -> date:
    """Return the day, in the Netherlands, before which money must have gone back for its account to be forgotten.

    Whole calendar years: what was paid in 2026 with seven years is forgotten from 1 January 2034.
    """
    return date(today.year - years, 1, 1)
