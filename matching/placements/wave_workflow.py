"""Asking for shifts by itself: each invitation in its own transaction, a bounded number at a time.

Two processes that do this for one shift at the same moment ask nobody twice and nobody too many: `ask_one` weighs
everything again under its locks.
"""

from typing import Final
from uuid import UUID

from crowd.shared.clock import Clock
from crowd.shared.db import Database
from matching.placements.queries import policy
from matching.placements.suggestions import volunteers_for
from matching.placements.wave_operations import ask_one, look_at, rest
from matching.placements.wave_queries import due_waves

# A page that waits for it must not wait long; what is left comes with the next turn.
ASKED_A_TURN: Final = 20
# A turn of all waves together ends well before a worker's message would be given to another.
ASKED_AT_ONCE: Final = 200


def ask_for_shifts(database: Database, clock: Clock) -> int:
    """Let every wave that lacks answers ask the next best; return how many people were asked."""
    with database.reading() as session:
        due = due_waves(session, now=clock.now(session))
    asked = 0
    for shift_id in due:
        if asked >= ASKED_AT_ONCE:
            break
        asked += ask_for_shift(database, clock, shift_id=shift_id)
    return asked


def ask_for_shift(database: Database, clock: Clock, *, shift_id: UUID) -> int:
    """Let the wave of this shift ask as many as it lacks, at most twenty; return how many people were asked."""
    asked, passed_over = 0, set[UUID]()
    while asked < ASKED_A_TURN:
        with database.transaction() as session:
            now = clock.now(session)
            if look_at(session, shift_id=shift_id, now=now) == 0:
                break
        with database.reading() as session:
            found = volunteers_for(session, shift_id=shift_id, policy=policy(session), now=now)
        best = next((hit.id for hit in found if hit.id not in passed_over), None)
        if best is None:
            with database.transaction() as session:
                rest(session, shift_id=shift_id, now=now)
            break
        passed_over.add(best)
        with database.transaction() as session:
            asked += ask_one(session, shift_id=shift_id, volunteer_id=best, now=clock.now(session))
    return asked
