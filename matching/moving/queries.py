"""Reading files that came in, and what their lines are held against: as many statements however long a file is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, CITEXT
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import PostcodeArea
from crowd.shared.clock import local_date
from matching.moving import rules
from matching.moving.line_rules import RoleKnown, Town
from matching.moving.models import ImportKey, ImportLayout, ImportProgress, VolunteerImport
from matching.roles.models import Role, Shift
from matching.roles.rules import STOPPED
from matching.vocabulary.models import Skill, SkillName
from matching.volunteers.models import Volunteer

IMPORTS_SHOWN = 20
# States in which an initiative is nobody's business but its own people's.
_UNSEEN = ("draft", "submitted", "changes_requested")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """A file that came in."""

    id: UUID
    municipality_id: UUID
    kind: rules.Kind
    source: str
    file_name: str
    headers: tuple[str, ...]
    mapping: dict[str, str]
    lines: tuple[rules.Line, ...]
    line_count: int
    initiative_id: UUID | None
    uploaded_at: datetime
    asked_at: datetime | None
    done_at: datetime | None
    counts: dict[str, int]
    report: tuple[tuple[int, str, tuple[tuple[str, dict[str, Any]], ...]], ...]
    done_lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """A file in the list of those that came in."""

    id: UUID
    kind: rules.Kind
    source: str
    file_name: str
    line_count: int
    uploaded_at: datetime
    asked_at: datetime | None
    done_at: datetime | None
    counts: dict[str, int]


def import_facts(session: Session, *, import_id: UUID, municipality_id: UUID) -> ImportFacts:
    """Return a file of this municipality; raise ImportNotFound."""
    row = session.execute(
        select(VolunteerImport, ImportProgress.done_lines)
        .join(ImportProgress, ImportProgress.import_id == VolunteerImport.id)
        .where(VolunteerImport.id == import_id, VolunteerImport.municipality_id == municipality_id)
    ).one_or_none()
    if row is None:
        raise rules.ImportNotFound
    stored, done_lines = row
    return ImportFacts(
        id=stored.id,
        municipality_id=stored.municipality_id,
        kind=rules.checked_kind(stored.kind),
        source=stored.source,
        file_name=stored.file_name,
        headers=tuple(stored.headers),
        mapping=dict(stored.mapping),
        lines=tuple(rules.Line(number, tuple(values)) for number, values in stored.lines or ()),
        line_count=stored.line_count,
        initiative_id=stored.initiative_id,
        uploaded_at=stored.uploaded_at,
        asked_at=stored.asked_at,
        done_at=stored.done_at,
        counts=dict(stored.counts or {}),
        report=tuple(
            (number, outcome, tuple((sentence, facts) for sentence, facts in notes))
            for number, outcome, notes in stored.report or ()
        ),
        done_lines=done_lines,
    )


def imports(session: Session, *, municipality_id: UUID) -> list[ImportLine]:
    """Return the last files of this municipality, the newest first, without their lines."""
    columns = (
        VolunteerImport.id,
        VolunteerImport.kind,
        VolunteerImport.source,
        VolunteerImport.file_name,
        VolunteerImport.line_count,
        VolunteerImport.uploaded_at,
        VolunteerImport.asked_at,
        VolunteerImport.done_at,
        VolunteerImport.counts,
    )
    found = session.execute(
        select(*columns)
        .where(VolunteerImport.municipality_id == municipality_id)
        .order_by(VolunteerImport.uploaded_at.desc(), VolunteerImport.id.desc())
        .limit(IMPORTS_SHOWN)
    )
    return [
        ImportLine(
            **{**row._asdict(), "kind": rules.checked_kind(row.kind), "counts": dict(row.counts or {})},
        )
        for row in found
    ]


def remembered(
    session: Session, *, municipality_id: UUID, layout: str
) -> tuple[rules.Kind, str, dict[str, str]] | None:
    """Return (kind, source, mapping) of the last file with these columns; None when there was none."""
    row = session.execute(
        select(ImportLayout.kind, ImportLayout.source, ImportLayout.mapping).where(
            ImportLayout.municipality_id == municipality_id, ImportLayout.layout == layout
        )
    ).one_or_none()
    return None if row is None else (rules.checked_kind(row.kind), row.source, dict(row.mapping))


def initiatives(session: Session, *, municipality_id: UUID) -> list[tuple[UUID, str, str]]:
    """Return (id, slug, title) of every initiative that can have roles, by title."""
    found = session.execute(
        select(Initiative.id, Initiative.slug, Initiative.title)
        .where(Initiative.municipality_id == municipality_id, Initiative.state.not_in([*STOPPED, *_UNSEEN]))
        .order_by(func.lower(Initiative.title), Initiative.id)
    )
    return [(row.id, row.slug, row.title) for row in found]


def town(session: Session, *, facts: ImportFacts, now: datetime) -> Town:
    """Return what the lines of a file are read against: postcodes, skills, initiatives, and for sessions the roles."""
    here = facts.municipality_id
    words = session.execute(
        select(SkillName.name, Skill.id)
        .join(Skill, Skill.id == SkillName.skill_id)
        .where(
            Skill.merged_into_id.is_(None),
            Skill.municipality_id.is_(None) | (Skill.municipality_id == here),
            SkillName.municipality_id.is_(None) | (SkillName.municipality_id == here),
        )
        # The last of several wins: the skill whose label it is, then the oldest.
        .order_by((func.lower(Skill.label_nl) == SkillName.name), Skill.id.desc())
    ).all()
    open_ = initiatives(session, municipality_id=here)
    return Town(
        now=now,
        today=local_date(now),
        pc4s=frozenset(session.scalars(select(PostcodeArea.pc4).where(PostcodeArea.municipality_id == here))),
        skills={row.name: row.id for row in words},
        initiatives={name.lower(): one for one, slug, title in open_ for name in (slug, title)},
        initiative_id=facts.initiative_id if facts.initiative_id in {one for one, _s, _t in open_} else None,
        roles=_roles(session, facts) if facts.kind == "sessions" else {},
    )


def _roles(session: Session, facts: ImportFacts) -> dict[str, RoleKnown]:
    columns = (
        Role.id,
        Role.title,
        Role.initiative_id,
        Role.is_remote,
        Role.required_languages,
        Initiative.pc4,
        ImportKey.key,
    )
    found = session.execute(
        select(*columns)
        .join(Initiative, Initiative.id == Role.initiative_id)
        .outerjoin(
            ImportKey,
            (ImportKey.subject_id == Role.id)
            & (ImportKey.municipality_id == facts.municipality_id)
            & (ImportKey.kind == "roles")
            & (ImportKey.source == facts.source),
        )
        .where(Role.municipality_id == facts.municipality_id, Initiative.state.not_in(list(STOPPED)))
        .order_by(Role.id)
    ).all()
    by_title: dict[str, RoleKnown] = {}
    by_key: dict[str, RoleKnown] = {}
    for row in found:
        role = RoleKnown(
            id=row.id,
            initiative_id=row.initiative_id,
            is_remote=row.is_remote,
            required_languages=row.required_languages,
            pc4=row.pc4,
        )
        by_title.setdefault(row.title.lower(), role)
        if row.key:
            by_key[row.key.lower()] = role
    # A number means more than a title that happens to be a number.
    return {**by_title, **by_key}


def known_keys(session: Session, *, facts: ImportFacts, keys: Collection[str]) -> dict[str, UUID]:
    """Return key -> what it means, for those of these keys of the file's source that came in before."""
    found = session.execute(
        select(ImportKey.key, ImportKey.subject_id).where(
            ImportKey.municipality_id == facts.municipality_id,
            ImportKey.kind == facts.kind,
            ImportKey.source == facts.source,
            ImportKey.key == func.any(literal(list(keys), ARRAY(Text))),
        )
    )
    return {row.key: row.subject_id for row in found}


def people_with(session: Session, *, municipality_id: UUID, emails: Collection[str]) -> dict[str, UUID]:
    """Return address in small letters -> person, for those of these addresses that somebody here has."""
    found = session.execute(
        select(Person.email, Person.id).where(
            Person.municipality_id == municipality_id, Person.email == func.any(literal(list(emails), ARRAY(CITEXT)))
        )
    )
    return {row.email.lower(): row.id for row in found if row.email}


def volunteers_among(session: Session, *, people: Collection[UUID]) -> set[UUID]:
    """Return who of these people is a volunteer already: what they wrote themselves is theirs."""
    return set(
        session.scalars(
            select(Volunteer.person_id).where(Volunteer.person_id == func.any(literal(list(people), ARRAY(Uuid))))
        )
    )


def shift_counts(session: Session, *, initiatives: Sequence[UUID]) -> dict[UUID, int]:
    """Return initiative -> how many shifts it has."""
    found = session.execute(
        select(Shift.initiative_id, func.count().label("planned"))
        .where(Shift.initiative_id == func.any(literal(list(initiatives), ARRAY(Uuid))))
        .group_by(Shift.initiative_id)
    )
    return {row.initiative_id: row.planned for row in found}
