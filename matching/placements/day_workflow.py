"""Reminding and thanking by itself: each person in a transaction of their own, a bounded number at a time."""

from datetime import timedelta
from typing import Final

from crowd.shared.clock import Clock
from crowd.shared.db import Database
from matching.placements.day_operations import remind, thank
from matching.placements.day_queries import DUE_AT_ONCE, maybe_to_remind, maybe_to_thank
from matching.placements.day_rules import remind_from, thank_from
from matching.placements.queries import placement

# From ten in the morning until the end of the next day, with an hour for the clock that goes back.
_FURTHEST: Final = timedelta(hours=39)


def remind_people(database: Database, clock: Clock) -> int:
    """Remind everybody whose shift is tomorrow; return how many."""
    with database.reading() as session:
        now = clock.now(session)
        maybe = [
            known
            for known in (
                placement(session, placement_id=found)
                for found in maybe_to_remind(session, now=now, until=now + _FURTHEST)
            )
            if known.changed_at < remind_from(known.starts_at) <= now
        ]
    reminded = 0
    for known in maybe[:DUE_AT_ONCE]:
        with database.transaction() as session:
            reminded += remind(session, placement_id=known.id, now=clock.now(session))
    return reminded


def thank_people(database: Database, clock: Clock) -> int:
    """Thank everybody who helped yesterday; return how many."""
    with database.reading() as session:
        now = clock.now(session)
        maybe = [placement(session, placement_id=found) for found in maybe_to_thank(session, now=now)]
    thanked = 0
    for known in maybe:
        if thank_from(known.ends_at) <= now:
            with database.transaction() as session:
                thanked += thank(session, placement_id=known.id, now=clock.now(session))
    return thanked
