"""The two moments a campaign is weighed: at its deadline, and once everything was collected."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crowd.initiatives.models import Initiative
from crowd.shared.db import Base


class Closing(Base):
    """What was promised at the deadline, and whether that reached the minimum. Frozen: never updated."""

    __tablename__ = "closings"
    __table_args__ = (CheckConstraint("outcome IN ('collecting','unfunded')", name="outcome_is_known"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    closed_at: Mapped[datetime]
    minimum_cents: Mapped[int] = mapped_column(BigInteger)
    secured_cents: Mapped[int] = mapped_column(BigInteger)
    secured_count: Mapped[int]
    match_cents: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
    collect_until: Mapped[datetime]


class FinalDecision(Base):
    """What was really collected, the match recomputed on it, and the outcome. Made once, never updated."""

    __tablename__ = "final_decisions"
    __table_args__ = (CheckConstraint("outcome IN ('funded','unfunded')", name="outcome_is_known"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    decided_at: Mapped[datetime]
    collected_cents: Mapped[int] = mapped_column(BigInteger)
    collected_count: Mapped[int]
    match_cents: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
