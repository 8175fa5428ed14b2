"""The settlement of one campaign: a plan made once, then worked off line by line (the lines are the charges)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crowd.initiatives.models import Initiative
from crowd.shared.db import Base


class Settlement(Base):
    """When collecting of a campaign was planned and when it ended; one row per campaign, so one plan."""

    __tablename__ = "settlements"
    __table_args__ = (CheckConstraint("planned_cents >= 0", name="planned_not_negative"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    planned_at: Mapped[datetime]
    planned_count: Mapped[int]
    planned_cents: Mapped[int] = mapped_column(BigInteger)
    collect_until: Mapped[datetime]
    finished_at: Mapped[datetime | None]
