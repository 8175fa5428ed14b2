"""Reading the vocabulary of skills."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from matching.vocabulary.models import Skill, SkillName


@dataclass(frozen=True, slots=True)
class SkillFacts:
    """A skill as a form shows it."""

    id: int
    slug: str
    label_nl: str
    label_en: str
    parent_id: int | None

    def label(self, locale: str) -> str:
        """Return its name in Dutch or English."""
        return self.label_en if locale == "en" else self.label_nl


_COLUMNS = (Skill.id, Skill.slug, Skill.label_nl, Skill.label_en, Skill.parent_id)
_HERE = or_(Skill.municipality_id.is_(None), Skill.municipality_id == bindparam("municipality_id"))
_ALL = select(*_COLUMNS).where(_HERE).order_by(Skill.label_nl, Skill.id)
# All use the trigram index: `%>` finds a word inside a name, `%` forgives an error of typing, and a typed beginning
# ("tuin") finds a longer word ("tuinieren").
_LIKENESS = func.max(
    func.greatest(
        func.word_similarity(func.lower(bindparam("typed")), SkillName.name),
        func.similarity(func.lower(bindparam("typed")), SkillName.name),
    )
)
_SEARCH = (
    select(*_COLUMNS)
    .join(SkillName, SkillName.skill_id == Skill.id)
    .where(
        _HERE,
        or_(
            SkillName.name.op("%>")(func.lower(bindparam("typed"))),
            SkillName.name.op("%")(func.lower(bindparam("typed"))),
            SkillName.name.contains(func.lower(bindparam("typed")), autoescape=False),
        ),
    )
    .group_by(*_COLUMNS)
    .order_by(_LIKENESS.desc(), Skill.label_nl, Skill.id)
    .limit(literal(8, literal_execute=True))
)
TYPED_MAX = 60


def skills(session: Session, *, municipality_id: UUID) -> list[SkillFacts]:
    """Return every skill that can be chosen in this municipality, by its Dutch label."""
    return [SkillFacts(*row) for row in session.execute(_ALL, {"municipality_id": municipality_id})]


def search(session: Session, *, municipality_id: UUID, typed: str) -> list[SkillFacts]:
    """Return up to eight skills that look like what was typed, in either language and by any synonym, best first."""
    cleaned = " ".join(typed.split())[:TYPED_MAX].replace("%", "").replace("_", "").replace("\\", "")
    if not cleaned:
        return []
    found = session.execute(_SEARCH, {"municipality_id": municipality_id, "typed": cleaned})
    return [SkillFacts(*row) for row in found]


def ids_of(session: Session, *, municipality_id: UUID, slugs: Collection[str]) -> dict[str, int]:
    """Return slug -> id of those skills that exist here; the caller sees what is missing."""
    found = session.execute(
        select(Skill.slug, Skill.id).where(_HERE, Skill.slug.in_(list(slugs))), {"municipality_id": municipality_id}
    )
    return {row.slug: row.id for row in found}


def parents(session: Session) -> dict[int, int]:
    """Return skill id -> the id of its wider concept, for those that have one."""
    found = session.execute(select(Skill.id, Skill.parent_id).where(Skill.parent_id.is_not(None)))
    return {row.id: row.parent_id for row in found if row.parent_id is not None}
