"""What happened: who did what to which thing, when, by which channel and why. Only ever added to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowd.shared.actor import Actor
from crowd.shared.db import Base


class AuditRow(Base):
    """One act. A trigger refuses UPDATE and DELETE."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject", "subject_type", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    municipality_id: Mapped[UUID | None]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_person_id: Mapped[UUID | None]
    on_behalf_of: Mapped[UUID | None]
    channel: Mapped[str]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


_RECORD = insert(AuditRow)


def record(
    session: Session,
    *,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: UUID,
    now: datetime,
    facts: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Add one act to the log, in the transaction that performs it.

    `action` is `noun.verb_in_the_past` ("pledge.made"). `facts` hold ids, amounts and reasons, never names or
    addresses: those are found through the ids and can be erased there.
    """
    session.execute(
        _RECORD,
        {
            "municipality_id": actor.municipality_id,
            "at": now,
            "actor_person_id": actor.person_id,
            "on_behalf_of": actor.on_behalf_of,
            "channel": actor.channel.value,
            "action": action,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "facts": dict(facts or {}),
        },
    )
