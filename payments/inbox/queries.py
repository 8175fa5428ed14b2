"""Looking into the inbox: what waits, what cannot be handled, and one event."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from payments.inbox.models import ProviderEvent


@dataclass(frozen=True, slots=True)
class TroubledEvent:
    """An event that was tried and could not be handled; `error` is the last exception's class name."""

    id: str
    type: str
    attempts: int
    error: str
    due_at: datetime


_WAITING = (
    select(ProviderEvent.type, func.count())
    .where(ProviderEvent.handled_at.is_(None), ProviderEvent.last_error.is_(None))
    .group_by(ProviderEvent.type)
    .order_by(ProviderEvent.type)
)
_TROUBLED = (
    select(ProviderEvent.id, ProviderEvent.type, ProviderEvent.attempts, ProviderEvent.last_error, ProviderEvent.due_at)
    .where(ProviderEvent.handled_at.is_(None), ProviderEvent.last_error.is_not(None))
    .order_by(ProviderEvent.created_at, ProviderEvent.id)
    .limit(literal_column("200"))
)


def waiting_events(session: Session) -> dict[str, int]:
    """Return type -> how many events were not handled yet, for want of time alone."""
    return {kind: int(count) for kind, count in session.execute(_WAITING)}


def troubled_events(session: Session) -> list[TroubledEvent]:
    """Return the events that could not be handled yet, the oldest first; at most 200."""
    return [
        TroubledEvent(row.id, row.type, row.attempts, row.last_error or "", row.due_at)
        for row in session.execute(_TROUBLED)
    ]
