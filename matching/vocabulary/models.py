"""The skills people can have and roles can ask, under every name they are known by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from crowd.municipalities.models import Municipality
from crowd.shared.db import Base


class Skill(Base):
    """One concept. Without a municipality it is everybody's; `parent_id` is the wider concept, at most one step up.

    One that was merged stays, with `merged_into_id`, so that its slug keeps leading somewhere and the merge can be
    undone. `esco_uri` names the same concept in the European classification, where somebody looked it up.
    """

    __tablename__ = "skills"
    __table_args__ = (
        UniqueConstraint("municipality_id", "slug", postgresql_nulls_not_distinct=True),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    municipality_id: Mapped[UUID | None] = mapped_column(ForeignKey(Municipality.id))
    slug: Mapped[str]
    label_nl: Mapped[str]
    label_en: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"), index=True)
    esco_uri: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SkillName(Base):
    """A name of a skill in one language, label and synonyms alike: what searching while typing looks through.

    With a municipality it is a word of that municipality's own, which others do not see.
    """

    __tablename__ = "skill_names"
    __table_args__ = (
        CheckConstraint("locale IN ('nl','en')", name="locale_is_known"),
        Index("ix_skill_names_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    skill_id: Mapped[int] = mapped_column(ForeignKey(Skill.id), primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID | None] = mapped_column(ForeignKey(Municipality.id))
