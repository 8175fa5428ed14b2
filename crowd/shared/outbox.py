"""What remains to be done: remembered in the transaction that caused it, done afterwards, at least once.

The row is the job; a broker's message is only a wake-up. A worker claims rows with a lease, acts with no
transaction open, and marks them done. Handlers are therefore idempotent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowd.shared.db import WAKE_WORKER, Base
from crowd.shared.log import correlation_id

# With waits that double to an hour this is about a day: an evening without mail server loses nothing.
MAX_ATTEMPTS = 36


class OutboxRow(Base):
    """One thing still to do. `done_at` is empty until a handler has finished."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "due_at", postgresql_where=text("done_at IS NULL AND failed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    correlation_id: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed outbox row: this worker's to do until its lease ends."""

    id: int
    kind: str
    args: Mapping[str, Any]
    dedupe_key: str
    correlation_id: str
    attempts: int


_ADD = insert(OutboxRow).on_conflict_do_nothing(index_elements=[OutboxRow.dedupe_key])


def add(session: Session, *, kind: str, args: Mapping[str, str | int | bool | None], dedupe_key: str) -> None:
    """Remember that `kind` must be done with `args`, once for this `dedupe_key`.

    `args` hold ids, never personal data. Doors register a handler per kind; a test proves each has one.
    """
    add_many(session, kind=kind, jobs=[(args, dedupe_key)])


def add_many(session: Session, *, kind: str, jobs: Sequence[tuple[Mapping[str, str | int | bool | None], str]]) -> None:
    """Remember many things of one kind, each as (args, dedupe key), in one statement."""
    if not jobs:
        return
    session.execute(
        _ADD,
        [
            {"kind": kind, "args": dict(args), "dedupe_key": dedupe_key, "correlation_id": correlation_id()}
            for args, dedupe_key in jobs
        ],
    )
    session.info[WAKE_WORKER] = True


_CLAIMABLE = (
    select(OutboxRow.id)
    .where(
        OutboxRow.done_at.is_(None),
        OutboxRow.failed_at.is_(None),
        OutboxRow.due_at <= bindparam("now"),
        func.coalesce(OutboxRow.leased_until, bindparam("now")) <= bindparam("now"),
    )
    .order_by(OutboxRow.due_at, OutboxRow.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("claimable")
)
_CLAIM = (
    update(OutboxRow)
    .where(OutboxRow.id == _CLAIMABLE.c.id)
    .values(leased_until=bindparam("until"), attempts=OutboxRow.attempts + 1)
    .returning(
        OutboxRow.id,
        OutboxRow.kind,
        OutboxRow.args,
        OutboxRow.dedupe_key,
        OutboxRow.correlation_id,
        OutboxRow.attempts,
    )
)


def claim(session: Session, *, now: datetime, most: int, lease: timedelta) -> list[Job]:
    """Lease up to `most` due rows to the caller until `now + lease` (machine time), oldest first.

    Rows another worker holds are skipped. Commit before acting: the lease is what keeps others away.
    """
    rows = session.execute(_CLAIM, {"now": now, "most": most, "until": now + lease}).all()
    return [Job(*row) for row in sorted(rows)]


def mark_done(session: Session, *, job_id: int, now: datetime) -> None:
    """Record that the handler finished; the row is never claimed again."""
    session.execute(update(OutboxRow).where(OutboxRow.id == job_id).values(done_at=now, last_error=None))


def mark_failed(session: Session, *, job: Job, error: str, now: datetime) -> bool:
    """Put the row back for a later attempt and return True, or give up after MAX_ATTEMPTS and return False.

    The wait doubles from two seconds to at most an hour. A row given up stays, with its error, for an
    operator to see and replay. `error` is the exception's class name, never its text: that may hold a name.
    """
    if job.attempts >= MAX_ATTEMPTS:
        values: dict[str, object] = {"failed_at": now}
    else:
        values = {"due_at": now + timedelta(seconds=min(3600, 2**job.attempts)), "leased_until": None}
    session.execute(update(OutboxRow).where(OutboxRow.id == job.id).values(last_error=error, **values))
    return job.attempts < MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A row that was tried MAX_ATTEMPTS times; `error` is the last exception's class name."""

    id: int
    kind: str
    attempts: int
    error: str
    failed_at: datetime


def waiting(session: Session) -> dict[str, int]:
    """Return kind -> number of rows still to be done."""
    found = session.execute(
        select(OutboxRow.kind, func.count())
        .where(OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None))
        .group_by(OutboxRow.kind)
        .order_by(OutboxRow.kind)
    )
    return {row.kind: int(row[1]) for row in found}


def given_up(session: Session, *, most: int = 200) -> list[GivenUp]:
    """Return the rows that were given up, the latest first, at most `most`."""
    found = session.execute(
        select(OutboxRow.id, OutboxRow.kind, OutboxRow.attempts, OutboxRow.last_error, OutboxRow.failed_at)
        .where(OutboxRow.failed_at.is_not(None))
        .order_by(OutboxRow.failed_at.desc(), OutboxRow.id.desc())
        .limit(most)
    )
    return [
        GivenUp(row.id, row.kind, row.attempts, row.last_error or "", row.failed_at)
        for row in found
        if row.failed_at is not None
    ]


def replay(session: Session, *, job_ids: Sequence[int] | None, now: datetime) -> int:
    """Make given-up rows due again, with all their attempts; all of them when `job_ids` is None. Return how many."""
    wanted = () if job_ids is None else (OutboxRow.id.in_(job_ids),)
    found = session.scalars(
        update(OutboxRow)
        .where(OutboxRow.failed_at.is_not(None), *wanted)
        .values(failed_at=None, leased_until=None, attempts=0, due_at=now)
        .returning(OutboxRow.id)
    ).all()
    session.info[WAKE_WORKER] = bool(found)
    return len(found)


def parse_id(value: object) -> UUID:
    """Return the UUID that `add` was given as a string argument."""
    return UUID(str(value))
