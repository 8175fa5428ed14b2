"""What happens to placements by itself, each in its own transaction, a bounded number at a time.

Doors call these every minute; what is left waits for the next turn.
"""

from crowd.shared.actor import system
from crowd.shared.clock import Clock
from crowd.shared.db import Database
from matching.placements import operations, queries, shift_operations
from matching.roles.queries import stopped_shifts


def expire_invitations(database: Database, clock: Clock) -> int:
    """End every invitation, application and wait whose time to answer passed; return how many."""
    with database.reading() as session:
        due = queries.has_expired(session, now=clock.now(session))
    ended = 0
    for placement_id in due:
        with database.transaction() as session:
            ended += operations.expire(session, placement_id=placement_id, now=clock.now(session))
    return ended


def finish_shifts(database: Database, clock: Clock) -> int:
    """Complete every placement whose shift has ended; return how many."""
    with database.reading() as session:
        due = queries.has_ended(session, now=clock.now(session))
    finished = 0
    for placement_id in due:
        with database.transaction() as session:
            finished += operations.finish(session, placement_id=placement_id, now=clock.now(session))
    return finished


def call_off_stopped(database: Database, clock: Clock) -> int:
    """Call off the coming shifts of initiatives that stopped, and tell their people; return how many shifts."""
    with database.reading() as session:
        due = stopped_shifts(session, now=clock.now(session))
    for shift_id, municipality_id in due:
        with database.transaction() as session:
            shift_operations.cancel_shift(
                session, shift_id=shift_id, actor=system(municipality_id), now=clock.now(session)
            )
    return len(due)
