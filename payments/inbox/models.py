"""What the provider told us: each event stored once, handled once."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.shared.db import Base


class ProviderEvent(Base):
    """One event: only its id, type and the object it is about, because handling re-fetches that object.

    `swept` says that a sweep has seen it. The next sweep goes on from there, and not from the newest event we know: a
    webhook may have brought that one while an older one was lost.
    """

    __tablename__ = "provider_events"
    __table_args__ = (Index("ix_provider_events_open", "due_at", postgresql_where=text("handled_at IS NULL")),)

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_ref: Mapped[str]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    swept: Mapped[bool] = mapped_column(server_default=text("false"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    handled_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
