"""Adding many roles and shifts at once, from a list of another tool. What is over comes in as history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from crowd.municipalities.models import PostcodeArea
from crowd.municipalities.rules import place
from matching.roles.models import Role, RoleSkill, Shift
from matching.roles.rules import RoleDraft
from matching.vocabulary.columns import written
from matching.vocabulary.rules import asks, cells_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRole:
    """A role as a list has it, cleaned."""

    id: UUID
    initiative_id: UUID
    draft: RoleDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShift:
    """A shift as a list has it, judged; the moments are UTC, and without `pc4` it can be done from anywhere."""

    id: UUID
    initiative_id: UUID
    role_id: UUID
    required_languages: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    minimum_crew: int
    pc4: str
    meeting_point: str


def add_roles(
    session: Session, *, municipality_id: UUID, roles: Sequence[NewRole], created_by: UUID | None, now: datetime
) -> None:
    """Add these roles. Two statements."""
    if not roles:
        return
    session.execute(
        insert(Role),
        [
            {
                "id": one.id,
                "municipality_id": municipality_id,
                "initiative_id": one.initiative_id,
                "title": one.draft.title,
                "description": one.draft.description,
                "minimum_age": one.draft.minimum_age,
                "is_remote": one.draft.is_remote,
                "created_at": now,
                "created_by": created_by,
            }
            for one in roles
        ],
    )
    skills = [
        {"role_id": one.id, "skill_id": skill, "is_required": False}
        for one in roles
        for skill in sorted(one.draft.desired_skills)
    ]
    if skills:
        session.execute(insert(RoleSkill), skills)


def add_shifts(
    session: Session, *, municipality_id: UUID, shifts: Sequence[NewShift], created_by: UUID | None, now: datetime
) -> None:
    """Add these shifts. Two statements."""
    if not shifts:
        return
    places = {
        row.pc4: written(place(latitude=row.latitude, longitude=row.longitude))
        for row in session.execute(
            select(PostcodeArea.pc4, PostcodeArea.latitude, PostcodeArea.longitude).where(
                PostcodeArea.municipality_id == municipality_id,
                PostcodeArea.pc4.in_({one.pc4 for one in shifts if one.pc4}),
            )
        )
    }
    session.execute(
        insert(Shift),
        [
            {
                "id": one.id,
                "municipality_id": municipality_id,
                "initiative_id": one.initiative_id,
                "role_id": one.role_id,
                "during": Range(one.starts_at, one.ends_at, bounds="[)"),
                "capacity": one.capacity,
                "minimum_crew": one.minimum_crew,
                "asks": asks(cells=cells_of(one.starts_at, one.ends_at), languages=one.required_languages),
                "pc4": one.pc4 if one.pc4 in places else None,
                "place": places.get(one.pc4),
                "meeting_point": one.meeting_point,
                "created_at": now,
                "created_by": created_by,
            }
            for one in shifts
        ],
    )
