"""Writing down many volunteers at once, from a list of another tool."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.municipalities.models import PostcodeArea
from crowd.municipalities.rules import place
from matching.vocabulary.columns import written
from matching.volunteers.models import Volunteer, VolunteerSkill

# A list says that somebody can do something, not how well.
_LEVEL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVolunteer:
    """A volunteer as a list knew them. Without a postcode or cells nobody suggests them anything."""

    person_id: UUID
    pc4: str
    radius_km: int
    languages: int
    cells: int
    born_on: date | None
    is_paused: bool
    skills: frozenset[int]


def add_volunteers(
    session: Session, *, municipality_id: UUID, volunteers: Sequence[NewVolunteer], now: datetime
) -> None:
    """Add these volunteers; whoever is one already keeps what they wrote themselves. Three statements."""
    if not volunteers:
        return
    homes = {
        row.pc4: written(place(latitude=row.latitude, longitude=row.longitude))
        for row in session.execute(
            select(PostcodeArea.pc4, PostcodeArea.latitude, PostcodeArea.longitude).where(
                PostcodeArea.municipality_id == municipality_id,
                PostcodeArea.pc4.in_({one.pc4 for one in volunteers if one.pc4}),
            )
        )
    }
    session.execute(
        insert(Volunteer).on_conflict_do_nothing(index_elements=[Volunteer.person_id]),
        [
            {
                "person_id": one.person_id,
                "municipality_id": municipality_id,
                "pc4": one.pc4 if one.pc4 in homes else None,
                "home": homes.get(one.pc4),
                "radius_km": one.radius_km,
                "languages": one.languages,
                "cells": one.cells,
                "born_on": one.born_on,
                "is_paused": one.is_paused,
                "created_at": now,
                "edited_at": now,
            }
            for one in volunteers
        ],
    )
    skills = [
        {"volunteer_id": one.person_id, "skill_id": skill, "level": _LEVEL}
        for one in volunteers
        for skill in sorted(one.skills)
    ]
    if skills:
        session.execute(insert(VolunteerSkill).on_conflict_do_nothing(), skills)
