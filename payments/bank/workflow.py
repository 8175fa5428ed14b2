"""Matching lines of our bank account with what is awaited or booked, each in a transaction of its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.shared import log
from crowd.shared.actor import Actor
from crowd.shared.db import Database
from crowd.shared.errors import Conflict
from payments.bank import clearing_queries, statement_queries
from payments.bank.clearing_operations import match_booked
from payments.bank.clearing_rules import judge_booked
from payments.bank.statement_operations import match_gift
from payments.bank.statement_rules import Awaited, judge, uploader

_log = log.logger()


class AwaitedIn(Protocol):
    """What is still to come in a municipality, by reference."""

    def __call__(self, session: Session, *, municipality_id: UUID) -> dict[str, Awaited]:
        """Return it."""


def match_gifts(database: Database, *, now: datetime) -> int:
    """Match every waiting line whose reference and amount are those of an announced transfer; return how many."""

    def match(session: Session, line_id: UUID, subject_id: UUID, actor: Actor) -> None:
        match_gift(session, line_id=line_id, pledge_id=subject_id, actor=actor, now=now, by_itself=True)

    return match_waiting(database, awaited_in=statement_queries.awaited, match=match)


def match_waiting(
    database: Database, *, awaited_in: AwaitedIn, match: Callable[[Session, UUID, UUID, Actor], None]
) -> int:
    """Let `match` take every waiting line that pays for exactly one thing that is awaited; return how many it took.

    Also lines that came before it was awaited. One transaction each: reserving a gift's match takes a pot's lock, and
    nothing may lock another campaign after it. `match` gets the session, the line, what it pays for, and in whose name.
    """
    with database.reading() as session:
        waiting = statement_queries.lines_that_may_match(session)
        places = {line.municipality_id for line in waiting}
        awaited = {place: awaited_in(session, municipality_id=place) for place in places}
    matched = 0
    for line in waiting:
        judged = judge(
            amount_cents=line.amount_cents, description=line.description, awaited=awaited[line.municipality_id]
        )
        if judged.found is None or judged.reason is not None:
            continue
        actor = uploader(municipality_id=line.municipality_id, person_id=line.uploaded_by)
        try:
            with database.transaction() as session:
                match(session, line.id, judged.found.subject_id, actor)
            matched += 1
        except Conflict as meanwhile:
            # Somebody matched one of the two a moment ago, or the same reference was paid twice.
            _log.info("bank_line_not_matched", line_id=str(line.id), refusal=meanwhile.code)
    return matched


class NotesIn(Protocol):
    """The references that rooms above this one keep of what was booked in a municipality, by a posting's source."""

    def __call__(self, session: Session, *, municipality_id: UUID) -> dict[str, str]:
        """Return them."""


def match_booked_lines(database: Database, *, notes_in: NotesIn, now: datetime) -> int:
    """Tie every waiting line, in or out, that names the reference of what was booked, for its amount; return how many.

    One transaction each: what somebody else tied a moment ago is left to them.
    """
    with database.reading() as session:
        waiting = statement_queries.lines_that_may_be_booked(session)
        places = {line.municipality_id for line in waiting}
        booked = {
            place: clearing_queries.booked(
                session, municipality_id=place, notes=notes_in(session, municipality_id=place)
            )
            for place in places
        }
    matched = 0
    for line in waiting:
        found = judge_booked(
            amount_cents=line.amount_cents, description=line.description, booked=booked[line.municipality_id]
        )
        if found is None:
            continue
        actor = uploader(municipality_id=line.municipality_id, person_id=line.uploaded_by)
        try:
            with database.transaction() as session:
                match_booked(
                    session, line_id=line.id, transfer_ids=found.transfer_ids, actor=actor, now=now, by_itself=True
                )
            matched += 1
        except Conflict as meanwhile:
            _log.info("bank_line_not_matched", line_id=str(line.id), refusal=meanwhile.code)
    return matched
