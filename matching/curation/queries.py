"""Reading how much skills are used, and what was merged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matching.curation.models import SkillMerge
from matching.roles.models import RoleSkill
from matching.vocabulary.models import Skill
from matching.volunteers.models import VolunteerSkill

MERGES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge that was not undone."""

    id: UUID
    source_nl: str
    source_en: str
    target_nl: str
    target_en: str
    merged_at: datetime


def use_of(session: Session, *, skill_id: int) -> tuple[int, int]:
    """Return how many people have this skill, and how many roles ask it."""
    people = select(func.count()).where(VolunteerSkill.skill_id == skill_id).scalar_subquery()
    asked = select(func.count()).where(RoleSkill.skill_id == skill_id).scalar_subquery()
    row = session.execute(select(people.label("people"), asked.label("asked"))).one()
    return row.people, row.asked


def merges(session: Session, *, municipality_id: UUID) -> list[Merge]:
    """Return the last merges of this municipality that were not undone, the newest first."""
    source, target = aliased(Skill), aliased(Skill)
    found = session.execute(
        select(
            SkillMerge.id,
            source.label_nl.label("source_nl"),
            source.label_en.label("source_en"),
            target.label_nl.label("target_nl"),
            target.label_en.label("target_en"),
            SkillMerge.merged_at,
        )
        .join(source, source.id == SkillMerge.source_id)
        .join(target, target.id == SkillMerge.target_id)
        .where(SkillMerge.municipality_id == municipality_id, SkillMerge.undone_at.is_(None))
        .order_by(SkillMerge.merged_at.desc(), SkillMerge.id.desc())
        .limit(MERGES_SHOWN)
    )
    return [Merge(**row._asdict()) for row in found]
