"""Reading the vocabulary of skills."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from matching.vocabulary.models import Skill, SkillName
from matching.vocabulary.skill_rules import Folded


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
_HERE = and_(
    Skill.merged_into_id.is_(None),
    or_(Skill.municipality_id.is_(None), Skill.municipality_id == bindparam("municipality_id")),
)
_NAMED_HERE = or_(SkillName.municipality_id.is_(None), SkillName.municipality_id == bindparam("municipality_id"))
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
        _NAMED_HERE,
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
_WORDS = select(SkillName.locale, SkillName.name).where(SkillName.skill_id == bindparam("skill_id"))
TYPED_MAX = 60
_WORD_MIN = 3
_WORDS_TRIED = 3


def skills(session: Session, *, municipality_id: UUID) -> list[SkillFacts]:
    """Return every skill that can be chosen in this municipality, by its Dutch label."""
    return [SkillFacts(*row) for row in session.execute(_ALL, {"municipality_id": municipality_id})]


def search(session: Session, *, municipality_id: UUID, typed: str) -> list[SkillFacts]:
    """Return up to eight skills that look like what was typed, in either language and by any synonym, best first.

    When nothing looks like the whole, each of its longest words is tried: "sew clothes" is sewing.
    """
    cleaned = " ".join(typed.split())[:TYPED_MAX].replace("%", "").replace("_", "").replace("\\", "")
    words = sorted((word for word in cleaned.split() if len(word) >= _WORD_MIN), key=len, reverse=True)
    for tried in dict.fromkeys([cleaned, *words[:_WORDS_TRIED]] if cleaned else []):
        found = session.execute(_SEARCH, {"municipality_id": municipality_id, "typed": tried}).all()
        if found:
            return [SkillFacts(*row) for row in found]
    return []


def by_slug(session: Session, *, municipality_id: UUID) -> dict[str, SkillFacts]:
    """Return slug -> skill for everything that can be chosen here; the slug of a merged one leads to what it became.

    So a form that was opened before a merge, and an address that somebody kept, still mean something.
    """
    found = {one.slug: one for one in skills(session, municipality_id=municipality_id)}
    into = aliased(Skill)
    merged = session.execute(
        select(Skill.slug, into.slug.label("into"))
        .join(into, into.id == Skill.merged_into_id)
        .where(or_(Skill.municipality_id.is_(None), Skill.municipality_id == municipality_id))
    )
    return {**{row.slug: found[row.into] for row in merged if row.into in found}, **found}


def known_names(session: Session, *, municipality_id: UUID, names: Collection[str]) -> dict[str, SkillFacts]:
    """Return name -> the skill it is a name of, for those of these names, in small letters, that are known here.

    Of several skills with the same name the one of which it is the label counts, then the first by id.
    """
    found = session.execute(
        select(SkillName.name, *_COLUMNS)
        .join(Skill, SkillName.skill_id == Skill.id)
        .where(_HERE, _NAMED_HERE, SkillName.name.in_(list(names)))
        .order_by(
            SkillName.name,
            or_(func.lower(Skill.label_nl) == SkillName.name, func.lower(Skill.label_en) == SkillName.name).desc(),
            Skill.id,
        ),
        {"municipality_id": municipality_id},
    )
    first: dict[str, SkillFacts] = {}
    for name, skill_id, slug, label_nl, label_en, parent_id in found:
        first.setdefault(name, SkillFacts(skill_id, slug, label_nl, label_en, parent_id))
    return first


def names_of(session: Session, *, municipality_id: UUID, skill_id: int) -> list[tuple[str, str]]:
    """Return (locale, name) of every word by which this skill is found here."""
    found = session.execute(
        select(SkillName.locale, SkillName.name)
        .where(SkillName.skill_id == skill_id, _NAMED_HERE)
        .order_by(SkillName.locale.desc(), SkillName.name),
        {"municipality_id": municipality_id},
    )
    return [(row.locale, row.name) for row in found]


def owner_of(session: Session, *, skill_id: int) -> UUID | None:
    """Return which municipality added this skill; None for one of the list that everybody shares."""
    return session.execute(select(Skill.municipality_id).where(Skill.id == skill_id)).scalar_one_or_none()


def merged_into(session: Session, *, skill_id: int) -> int | None:
    """Return which skill this one was merged into; None when it was not."""
    return session.execute(select(Skill.merged_into_id).where(Skill.id == skill_id)).scalar_one_or_none()


def own_ids(session: Session, *, municipality_id: UUID) -> set[int]:
    """Return the ids of the skills this municipality added itself."""
    return set(session.scalars(select(Skill.id).where(Skill.municipality_id == municipality_id)))


def folded_before(session: Session, *, source_id: int, target_id: int) -> Folded:
    """Return what folding one skill into another is about to change in the vocabulary."""
    own, there = (
        {(row.locale, row.name) for row in session.execute(_WORDS, {"skill_id": skill_id})}
        for skill_id in (source_id, target_id)
    )
    return Folded(
        target_id=target_id,
        children=tuple(session.scalars(select(Skill.id).where(Skill.parent_id == source_id).order_by(Skill.id))),
        merged=tuple(session.scalars(select(Skill.id).where(Skill.merged_into_id == source_id).order_by(Skill.id))),
        new_names=tuple(sorted(own - there)),
    )


def slugs_like(session: Session, *, start: str) -> set[str]:
    """Return every slug, of any municipality and merged ones too, that begins like this."""
    return set(session.scalars(select(Skill.slug).where(Skill.slug.startswith(start, autoescape=True))))


def ids_of(session: Session, *, municipality_id: UUID, slugs: Collection[str]) -> dict[str, int]:
    """Return slug -> id of those skills that exist here; the caller sees what is missing."""
    found = session.execute(
        select(Skill.slug, Skill.id).where(_HERE, Skill.slug.in_(list(slugs))), {"municipality_id": municipality_id}
    )
    return {row.slug: row.id for row in found}


def parents(session: Session) -> dict[int, int]:
    """Return skill id -> the id of its wider concept, for those that have one."""
    found = session.execute(
        select(Skill.id, Skill.parent_id).where(Skill.parent_id.is_not(None), Skill.merged_into_id.is_(None))
    )
    return {row.id: row.parent_id for row in found if row.parent_id is not None}
