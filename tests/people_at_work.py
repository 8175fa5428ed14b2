"""Roles, shifts and volunteers for tests, made through the real operations."""

from datetime import datetime, time, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.shared.clock import AMSTERDAM
from crowd.shared.ids import new_id
from matching.roles import operations as shifts
from matching.roles.rules import RoleDraft, ShiftDraft
from matching.vocabulary import operations as vocabulary
from matching.vocabulary.queries import ids_of
from matching.vocabulary.rules import ALL_CELLS, language_mask
from matching.volunteers import operations as volunteers
from matching.volunteers.rules import Profile
from tests.factories import NOW, acting, make_initiative, make_municipality, make_person, make_postcode_area

_numbers = count(1)


def lay_town(session: Session, *, pc4: str = "1011") -> UUID:
    """A municipality with one postcode area and the vocabulary of skills."""
    here = make_municipality(session)
    make_postcode_area(session, municipality_id=here, neighbourhood_id=None, pc4=pc4)
    vocabulary.lay_skills(session)
    return here


def skill(session: Session, here: UUID, slug: str) -> int:
    """The id of a skill of the vocabulary."""
    return ids_of(session, municipality_id=here, slugs=[slug])[slug]


def make_role(
    session: Session, here: UUID, *, initiative_id: UUID | None = None, now: datetime = NOW, **draft: object
) -> UUID:
    """A role on a live initiative."""
    role_id = new_id()
    initiative_id = initiative_id or make_initiative(session, municipality_id=here, now=now)
    values = {"title": f"Handen {next(_numbers)}", **draft}
    shifts.add_role(
        session,
        role_id=role_id,
        initiative_id=initiative_id,
        draft=RoleDraft(**values),  # type: ignore[arg-type]  # each test names the fields it means
        actor=acting(here, make_person(session, municipality_id=here)),
        now=now,
    )
    return role_id


def make_shift(
    session: Session,
    here: UUID,
    *,
    role_id: UUID | None = None,
    days: int = 5,
    starts: time = time(10),
    ends: time = time(13),
    capacity: int = 2,
    pc4: str = "1011",
    now: datetime = NOW,
) -> UUID:
    """A shift some days ahead, by default in the morning."""
    shift_id = new_id()
    role_id = role_id or make_role(session, here, now=now)
    on = (now + timedelta(days=days)).astimezone(AMSTERDAM).date()
    shifts.add_shift(
        session,
        shift_id=shift_id,
        role_id=role_id,
        draft=ShiftDraft(on=on, starts=starts, ends=ends, capacity=capacity, pc4=pc4),
        actor=acting(here, make_person(session, municipality_id=here)),
        now=now,
    )
    return shift_id


def make_volunteer(
    session: Session, here: UUID, *, now: datetime = NOW, person_id: UUID | None = None, **profile: object
) -> UUID:
    """A volunteer who is always free and lives around the corner, unless said otherwise."""
    person_id = person_id or make_person(session, municipality_id=here)
    values = {"pc4": "1011", "radius_km": 5, "languages": language_mask(["nl"]), "cells": ALL_CELLS, **profile}
    volunteers.write_profile(
        session,
        person_id=person_id,
        municipality_id=here,
        profile=Profile(**values),  # type: ignore[arg-type]  # each test names the fields it means
        actor=acting(here, person_id),
        now=now,
    )
    return person_id
