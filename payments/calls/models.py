"""Every request to the provider, stored whole before it is sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.shared.db import Base


class ProviderCall(Base):
    """One request, known by its idempotency key; `outcome` stays empty until the provider's answer is known.

    "failed" is an answer that says nothing (5xx): the provider would repeat it, so the key is spent. A repeat
    sends the stored parameters, so a key is never used with others (invariant I8).
    """

    __tablename__ = "provider_calls"
    __table_args__ = (
        CheckConstraint("outcome IN ('succeeded','refused','failed')", name="outcome_is_known"),
        Index("ix_provider_calls_unanswered", "sent_at", postgresql_where=text("outcome IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    operation: Mapped[str]
    target: Mapped[str] = mapped_column(server_default="")
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    first_sent_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("1"))
    outcome: Mapped[str | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    answered_at: Mapped[datetime | None]
