"""Taking a file in: all of it or nothing, with how far it is to be seen meanwhile."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from crowd.shared.actor import system
from crowd.shared.clock import Clock
from crowd.shared.db import Database
from matching.moving import operations
from matching.moving.judging_queries import judge
from matching.moving.queries import import_facts

_TOGETHER: Final = 500


def _nobody(_done: int) -> None:
    """Tell nobody."""


def take_in(
    database: Database,
    clock: Clock,
    *,
    import_id: UUID,
    municipality_id: UUID,
    tell: Callable[[int], None] = _nobody,
) -> None:
    """Store what is new in a file that was asked for, in one transaction. Done again it does nothing more.

    Progress goes into a row of its own, in transactions of its own, so that a page can show it; `tell` hears it too.
    """
    with database.transaction() as session:
        now = clock.now(session)
        if not operations.lock_import(session, import_id=import_id):
            return
        facts = import_facts(session, import_id=import_id, municipality_id=municipality_id)
        judged = judge(session, facts=facts, now=now)
        for start in range(0, len(judged), _TOGETHER):
            operations.keep_lines(session, facts=facts, judged=judged[start : start + _TOGETHER], now=now)
            done = min(start + _TOGETHER, len(judged))
            with database.transaction() as beside:
                operations.note_progress(beside, import_id=import_id, done_lines=done)
            tell(done)
        operations.finish_import(session, facts=facts, judged=judged, actor=system(municipality_id), now=now)
