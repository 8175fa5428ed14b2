"""Reading volunteers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from matching.volunteers.models import Volunteer, VolunteerCredential, VolunteerSkill, VolunteerTheme


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts:
    """A stored profile. `has_profile` is false for somebody who only signed up for a shift."""

    person_id: UUID
    pc4: str | None
    radius_km: int
    languages: int
    cells: int
    skills: dict[int, int]
    themes: frozenset[UUID]
    born_on: date | None
    wants_at_most: int
    is_paused: bool

    @property
    def has_profile(self) -> bool:
        """Whether this person can be suggested anything."""
        return self.pc4 is not None and self.cells != 0


def profile(session: Session, *, person_id: UUID) -> ProfileFacts | None:
    """Return this person's profile, or None when they never helped nor wrote one."""
    row = session.execute(
        select(
            Volunteer.pc4,
            Volunteer.radius_km,
            Volunteer.languages,
            Volunteer.cells,
            Volunteer.born_on,
            Volunteer.wants_at_most,
            Volunteer.is_paused,
        ).where(Volunteer.person_id == person_id)
    ).one_or_none()
    if row is None:
        return None
    skills = session.execute(
        select(VolunteerSkill.skill_id, VolunteerSkill.level).where(VolunteerSkill.volunteer_id == person_id)
    )
    themes = session.scalars(select(VolunteerTheme.theme_id).where(VolunteerTheme.volunteer_id == person_id))
    return ProfileFacts(
        person_id=person_id,
        skills={found.skill_id: found.level for found in skills},
        themes=frozenset(themes),
        **row._asdict(),
    )


def credential_counts(session: Session, *, volunteer_id: UUID, kind: str, on: date) -> bool:
    """Whether this document of the volunteer was seen, and counts on that day."""
    found = session.execute(
        select(VolunteerCredential.kind).where(
            VolunteerCredential.volunteer_id == volunteer_id,
            VolunteerCredential.kind == kind,
            or_(VolunteerCredential.valid_until.is_(None), VolunteerCredential.valid_until >= on),
        )
    ).scalar_one_or_none()
    return found is not None


def names_of(session: Session, *, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return how these people are called."""
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(list(person_ids))))
    return {row.id: row.name for row in found}
