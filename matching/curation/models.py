"""What was merged, with how it was before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.municipalities.models import Municipality
from crowd.shared.db import Base
from matching.vocabulary.models import Skill


class SkillMerge(Base):
    """One merge of a skill into another. `before` holds ids and levels, which is all that undoing it needs."""

    __tablename__ = "skill_merges"
    __table_args__ = (
        CheckConstraint("source_id <> target_id", name="two_skills"),
        Index("ix_skill_merges_municipality", "municipality_id", "merged_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    source_id: Mapped[int] = mapped_column(ForeignKey(Skill.id))
    target_id: Mapped[int] = mapped_column(ForeignKey(Skill.id))
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    merged_at: Mapped[datetime]
    merged_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
