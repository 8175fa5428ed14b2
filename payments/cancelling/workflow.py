"""Doing what approved plans to cancel say: one transaction per line, so that a crash loses and doubles nothing.

Refunds are only planned here; the provider is asked by `payouts.workflow.send_refunds`, each with its own key.
"""

from datetime import datetime

from crowd.shared.db import Database
from payments.cancelling import queries
from payments.cancelling.line_operations import do_line


def do_due_lines(database: Database, *, now: datetime, most: int) -> int:
    """Do up to `most` lines whose donors could choose long enough, and return how many were done."""
    with database.reading() as session:
        due = queries.due_lines(session, now=now, most=most)
    done = 0
    for line_id in due:
        with database.transaction() as session:
            done += do_line(session, line_id=line_id, now=now)
    return done
