"""Weighing a campaign: once at its deadline, and once more on what was really collected."""

from datetime import datetime, timedelta
from typing import Final, Literal

from crowd.shared.errors import Conflict, msg
from crowd.shared.money import ZERO, Money

COLLECTING_LASTS = timedelta(days=7)
# A bank may take up to fourteen business days to answer a debit. What it says later comes too late to count.
BANKS_ARE_AWAITED = timedelta(days=21)
# From so much of its minimum on, a campaign that misses it may go on with a smaller plan.
NEAR_MISS_FROM_PERCENT: Final = 80


class NotDueYet(Conflict):
    """The deadline, and the time to finish a payment page, have not passed."""

    sentence = msg("This campaign has not reached its end date.")


def outcome_at_deadline(*, secured: Money, match: Money, minimum: Money) -> Literal["collecting", "unfunded"]:
    """Return whether collecting starts: crowd money and match together reach the minimum."""
    return "collecting" if secured + match >= minimum else "unfunded"


def outcome_after_collecting(
    *, collected: Money, match: Money, minimum: Money, tolerance_percent: int = 0
) -> Literal["funded", "near_miss", "unfunded"]:
    """Return what the money really collected, with the match recomputed on it, comes to.

    Promises do not count any more. At the minimum less the tolerance that was published, or above: funded. From 80% of
    the minimum on a near miss: its initiator may revise the plan. Below: everything is given back.
    """
    hundredfold = 100 * (collected + match).cents
    if hundredfold >= (100 - tolerance_percent) * minimum.cents:
        return "funded"
    return "near_miss" if hundredfold >= NEAR_MISS_FROM_PERCENT * minimum.cents else "unfunded"


def outcome_on_revised_plan(*, left: Money, match: Money, minimum: Money) -> Literal["funded", "unfunded"]:
    """Return whether what is left once donors could take back reaches the revised minimum; without tolerance."""
    return "funded" if left + match >= minimum else "unfunded"


def missing_while_collecting(*, standing: Money, match: Money, minimum: Money) -> Money:
    """Return what a collecting campaign misses: its minimum less what stands and the match on it; never below zero."""
    return max(ZERO, minimum - standing - match)


def collecting_ends_at(*, closed_at: datetime) -> datetime:
    """Return when the grace for failed cards is over."""
    return closed_at + COLLECTING_LASTS


def banks_are_awaited_until(*, collect_until: datetime) -> datetime:
    """Return until when a decision waits for banks that have not answered a debit yet."""
    return collect_until - COLLECTING_LASTS + BANKS_ARE_AWAITED
