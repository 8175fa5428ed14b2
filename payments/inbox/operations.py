"""Storing what the provider says, and leasing it out for handling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from crowd.shared.db import WAKE_WORKER
from payments.inbox.models import ProviderEvent
from payments.provider import Event

LEASE_SECONDS = 60
_STORE = insert(ProviderEvent).on_conflict_do_nothing(index_elements=[ProviderEvent.id])
_STORE_SWEPT = insert(ProviderEvent).on_conflict_do_update(index_elements=[ProviderEvent.id], set_={"swept": True})
_LAST_SWEPT = (
    select(ProviderEvent.id)
    .where(ProviderEvent.swept)
    .order_by(ProviderEvent.created_at.desc(), ProviderEvent.id.desc())
    .limit(literal_column("1"))
)
_OPEN = (
    select(ProviderEvent.id)
    .where(
        ProviderEvent.handled_at.is_(None),
        ProviderEvent.due_at <= text("clock_timestamp()"),
        text("(leased_until IS NULL OR leased_until < clock_timestamp())"),
    )
    .order_by(ProviderEvent.due_at, ProviderEvent.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("open_events")
)
_LEASE = (
    update(ProviderEvent)
    .where(ProviderEvent.id == _OPEN.c.id)
    .values(
        leased_until=text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'"),
        attempts=ProviderEvent.attempts + 1,
    )
    .returning(ProviderEvent.id, ProviderEvent.type, ProviderEvent.object_ref, ProviderEvent.attempts)
)


@dataclass(frozen=True, slots=True)
class LeasedEvent:
    """A stored event that the caller handles now."""

    id: str
    type: str
    object_ref: str
    attempts: int


def store_events(session: Session, *, events: Sequence[Event]) -> None:
    """Keep these events for handling; one that was stored before stays as it is."""
    _store(session, _STORE, events)


def store_swept_events(session: Session, *, events: Sequence[Event]) -> None:
    """Keep what a sweep found for handling, and remember that a sweep has been here."""
    _store(session, _STORE_SWEPT, events)


def last_swept(session: Session) -> str | None:
    """Return the id of the newest event a sweep has seen: where the next one goes on."""
    return session.execute(_LAST_SWEPT).scalar_one_or_none()


def lease_events(session: Session, *, most: int) -> list[LeasedEvent]:
    """Lease up to `most` events that were not handled yet to the caller, oldest first."""
    return [LeasedEvent(**row._asdict()) for row in session.execute(_LEASE, {"most": most})]


def mark_handled(session: Session, *, event_id: str, now: datetime) -> None:
    """Record that an event was handled; it is never leased again."""
    session.execute(update(ProviderEvent).where(ProviderEvent.id == event_id).values(handled_at=now, last_error=None))


def mark_failed(session: Session, *, event: LeasedEvent, error: str) -> None:
    """Put an event back for later: after two seconds, doubling to at most an hour. It is never given up."""
    wait_seconds = min(3600, 2 ** min(event.attempts, 12))
    session.execute(
        update(ProviderEvent)
        .where(ProviderEvent.id == event.id)
        .values(
            last_error=error, leased_until=None, due_at=text(f"clock_timestamp() + interval '{wait_seconds} seconds'")
        )
    )


def replay_events(session: Session, *, event_ids: Sequence[str] | None, since: datetime | None) -> list[str]:
    """Make events due again, handled before or not: those named, or all the provider made since then; return their ids.

    Handling an event looks its object up anew and moves on only what may still move, so again changes nothing twice.
    """
    wanted = ProviderEvent.id.in_(event_ids) if event_ids else ProviderEvent.created_at >= since
    found = session.scalars(
        update(ProviderEvent)
        .where(wanted)
        .values(handled_at=None, leased_until=None, attempts=0, last_error=None, due_at=text("clock_timestamp()"))
        .returning(ProviderEvent.id)
    ).all()
    session.info[WAKE_WORKER] = bool(found)
    return list(found)


def _store(session: Session, statement: Insert, events: Sequence[Event]) -> None:
    if not events:
        return
    session.execute(
        statement,
        [
            {
                "id": event.id,
                "type": event.type,
                "object_ref": event.object_ref,
                "created_at": datetime.fromtimestamp(event.created, tz=UTC),
                "swept": statement is _STORE_SWEPT,
            }
            for event in events
        ],
    )
    session.info[WAKE_WORKER] = True
