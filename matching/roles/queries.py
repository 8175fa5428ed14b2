"""Reading roles and shifts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Row, Select, bindparam, func, literal, select, tuple_
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Neighbourhood, Theme
from crowd.shared.db import one_of
from matching.roles.models import Role, RoleSkill, Shift
from matching.roles.rules import HELPABLE, STOPPED, RoleNotFound, ShiftNotFound
from matching.vocabulary.models import Skill

PAGE = 20

shift_starts = func.lower(Shift.during, type_=DateTime(timezone=True))
shift_ends = func.upper(Shift.during, type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """A role with what it asks. Skills are (id, slug, Dutch label, English label, whether required)."""

    id: UUID
    municipality_id: UUID
    initiative_id: UUID
    title: str
    description: str
    required_languages: int
    desired_languages: int
    minimum_age: int | None
    needs_credential: str | None
    is_remote: bool
    skills: tuple[tuple[int, str, str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """A shift with its role and initiative, as lists and pages show it."""

    id: UUID
    municipality_id: UUID
    initiative_id: UUID
    initiative_slug: str
    initiative_title: str
    initiative_state: str
    role_id: UUID
    role_title: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    minimum_crew: int
    filled: int
    pc4: str | None
    meeting_point: str
    minimum_age: int | None
    needs_credential: str | None
    is_remote: bool
    cancelled_at: datetime | None
    theme_nl: str | None
    theme_en: str | None
    neighbourhood: str | None

    @property
    def free(self) -> int:
        """How many more people can take part."""
        return self.capacity - self.filled

    def is_open(self, now: datetime) -> bool:
        """Whether somebody can still sign up, be it for the waiting list."""
        return self.cancelled_at is None and self.starts_at > now and self.initiative_state in HELPABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFilter:
    """Which open shifts are asked for; what is left empty does not matter. `cells` is a mask, any of which will do."""

    theme_id: UUID | None = None
    neighbourhood_id: UUID | None = None
    skill_id: int | None = None
    cells: int = 0
    with_full: bool = False


_LINES: Select[*tuple[Any, ...]] = (
    select(
        Shift.id,
        Shift.municipality_id,
        Shift.initiative_id,
        Initiative.slug.label("initiative_slug"),
        Initiative.title.label("initiative_title"),
        Initiative.state.label("initiative_state"),
        Shift.role_id,
        Role.title.label("role_title"),
        shift_starts.label("starts_at"),
        shift_ends.label("ends_at"),
        Shift.capacity,
        Shift.minimum_crew,
        Shift.filled,
        Shift.pc4,
        Shift.meeting_point,
        Role.minimum_age,
        Role.needs_credential,
        Role.is_remote,
        Shift.cancelled_at,
        Theme.label_nl.label("theme_nl"),
        Theme.label_en.label("theme_en"),
        Neighbourhood.name.label("neighbourhood"),
    )
    .join(Role, Role.id == Shift.role_id)
    .join(Initiative, Initiative.id == Shift.initiative_id)
    .outerjoin(Theme, Theme.id == Initiative.theme_id)
    .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
)
_SOONEST = (shift_starts, Shift.id)
_ONE = _LINES.where(Shift.id == bindparam("shift_id"))
_OPEN_OF = _LINES.where(
    Shift.initiative_id == bindparam("initiative_id"),
    Shift.cancelled_at.is_(None),
    shift_starts > bindparam("now"),
    one_of(Initiative.state, sorted(HELPABLE)),
).order_by(*_SOONEST)
_EVERY_OF = _LINES.where(Shift.initiative_id == bindparam("initiative_id")).order_by(*_SOONEST)
_OPEN = (
    _LINES.where(
        Shift.municipality_id == bindparam("municipality_id"),
        Shift.cancelled_at.is_(None),
        shift_starts > bindparam("now"),
        one_of(Initiative.state, sorted(HELPABLE)),
    )
    .order_by(*_SOONEST)
    .limit(literal(PAGE + 1, literal_execute=True))
)
_ROLE = select(
    Role.id,
    Role.municipality_id,
    Role.initiative_id,
    Role.title,
    Role.description,
    Role.required_languages,
    Role.desired_languages,
    Role.minimum_age,
    Role.needs_credential,
    Role.is_remote,
)


def shift(session: Session, *, shift_id: UUID) -> ShiftLine:
    """Return one shift; raise ShiftNotFound."""
    row = session.execute(_ONE, {"shift_id": shift_id}).one_or_none()
    if row is None:
        raise ShiftNotFound
    return _line(row)


def shifts_by_id(session: Session, *, shift_ids: Collection[UUID]) -> list[ShiftLine]:
    """Return these shifts, in no particular order."""
    return [_line(row) for row in session.execute(_LINES.where(Shift.id.in_(list(shift_ids))))] if shift_ids else []


def open_shifts(session: Session, *, initiative_id: UUID, now: datetime) -> list[ShiftLine]:
    """Return the shifts of this initiative that somebody can sign up for, full ones too, the soonest first.

    Empty when the initiative is not one that takes help.
    """
    return [_line(row) for row in session.execute(_OPEN_OF, {"initiative_id": initiative_id, "now": now})]


def every_shift(session: Session, *, initiative_id: UUID) -> list[ShiftLine]:
    """Return all shifts of this initiative, past and called off too, the earliest first."""
    return [_line(row) for row in session.execute(_EVERY_OF, {"initiative_id": initiative_id})]


def find_shifts(
    session: Session,
    *,
    municipality_id: UUID,
    wanted: ShiftFilter,
    now: datetime,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[list[ShiftLine], bool]:
    """Return up to PAGE open shifts, the soonest first, and whether there are more after the last one.

    `after` is the (starts_at, id) of the last shift of the part before.
    """
    statement = _OPEN
    if not wanted.with_full:
        statement = statement.where(Shift.filled < Shift.capacity)
    if wanted.theme_id is not None:
        statement = statement.where(Initiative.theme_id == wanted.theme_id)
    if wanted.neighbourhood_id is not None:
        statement = statement.where(Initiative.neighbourhood_id == wanted.neighbourhood_id)
    if wanted.cells:
        statement = statement.where(Shift.asks.bitwise_and(wanted.cells) != 0)
    if wanted.skill_id is not None:
        statement = statement.where(
            select(RoleSkill.skill_id)
            .where(RoleSkill.role_id == Shift.role_id, RoleSkill.skill_id == wanted.skill_id)
            .exists()
        )
    if after is not None:
        statement = statement.where(tuple_(shift_starts, Shift.id) > tuple_(literal(after[0]), literal(after[1])))
    rows = session.execute(statement, {"municipality_id": municipality_id, "now": now}).all()
    return [_line(row) for row in rows[:PAGE]], len(rows) > PAGE


def role(session: Session, *, role_id: UUID) -> RoleFacts:
    """Return one role with its skills; raise RoleNotFound."""
    row = session.execute(_ROLE.where(Role.id == role_id)).one_or_none()
    if row is None:
        raise RoleNotFound
    return RoleFacts(**row._asdict(), skills=_skills(session, [role_id]).get(role_id, ()))


def roles_of(session: Session, *, initiative_id: UUID) -> list[RoleFacts]:
    """Return every role of this initiative with its skills, the oldest first."""
    rows = session.execute(_ROLE.where(Role.initiative_id == initiative_id).order_by(Role.id)).all()
    skills = _skills(session, [row.id for row in rows])
    return [RoleFacts(**row._asdict(), skills=skills.get(row.id, ())) for row in rows]


def _skills(session: Session, role_ids: Sequence[UUID]) -> dict[UUID, tuple[tuple[int, str, str, str, bool], ...]]:
    found: dict[UUID, tuple[tuple[int, str, str, str, bool], ...]] = {}
    rows = session.execute(
        select(RoleSkill.role_id, Skill.id, Skill.slug, Skill.label_nl, Skill.label_en, RoleSkill.is_required)
        .join(Skill, Skill.id == RoleSkill.skill_id)
        .where(RoleSkill.role_id.in_(role_ids))
        .order_by(RoleSkill.role_id, RoleSkill.is_required.desc(), Skill.label_nl)
    )
    for role_id, skill_id, slug, label_nl, label_en, is_required in rows:
        found[role_id] = (*found.get(role_id, ()), (skill_id, slug, label_nl, label_en, is_required))
    return found


def _line(row: Row[Any]) -> ShiftLine:
    return ShiftLine(**row._asdict())


def stopped_shifts(session: Session, *, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return (shift, municipality) of coming shifts whose initiative will not happen, the soonest first, at most 50."""
    rows = session.execute(
        select(Shift.id, Shift.municipality_id)
        .join(Initiative, Initiative.id == Shift.initiative_id)
        .where(Shift.cancelled_at.is_(None), shift_starts > now, Initiative.state.in_(sorted(STOPPED)))
        .order_by(*_SOONEST)
        .limit(50)
    )
    return [(row.id, row.municipality_id) for row in rows]
