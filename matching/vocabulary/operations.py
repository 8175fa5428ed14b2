"""Laying the vocabulary down, and extending it. Laying it down again changes nothing but what is new."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.shared import audit
from crowd.shared.actor import Actor
from matching.vocabulary import skill_rules as rules
from matching.vocabulary.concepts import CONCEPTS, Concept
from matching.vocabulary.models import Skill, SkillName
from matching.vocabulary.queries import known_names, slugs_like


def lay_skills(session: Session) -> int:
    """Store every concept of `concepts.py` that is not there yet, with its names; return how many are stored now.

    Repeatable: an installation calls it at every start, so a new version's concepts arrive by themselves. What was
    merged into another stays merged, and a new name of it goes to that other.
    """
    _lay(session, [one for one in CONCEPTS if not one.parent])
    _lay(session, [one for one in CONCEPTS if one.parent])
    stored = {
        row.slug: row.id
        for row in session.execute(
            select(Skill.slug, func.coalesce(Skill.merged_into_id, Skill.id).label("id")).where(
                Skill.municipality_id.is_(None)
            )
        )
    }
    names = [
        {"skill_id": stored[concept.slug], "locale": locale, "name": name}
        for concept in CONCEPTS
        for locale, labels in (
            ("nl", (concept.label_nl, *concept.synonyms_nl)),
            ("en", (concept.label_en, *concept.synonyms_en)),
        )
        for name in dict.fromkeys(label.lower() for label in labels)
    ]
    session.execute(insert(SkillName).on_conflict_do_nothing(), names)
    return session.execute(select(func.count()).select_from(Skill)).scalar_one()


def add_skill(session: Session, *, draft: rules.SkillDraft, actor: Actor, now: datetime) -> str:
    """Add a skill to the municipality's own list; return its slug.

    Raises what is wrong with the draft, or NameTaken when a skill of this name is there already: a further word for
    it is a synonym.
    """
    clean = rules.clean_skill(draft)
    here = rules.municipality_of(actor)
    labels = {clean.label_nl.lower(), clean.label_en.lower()}
    if taken := known_names(session, municipality_id=here, names=labels):
        name, skill = next(iter(sorted(taken.items())))
        raise rules.NameTaken(field="label_nl" if name == clean.label_nl.lower() else "label_en", name=skill.label_nl)
    slug = rules.free_slug(clean.label_nl, taken=slugs_like(session, start=rules.slug_of(clean.label_nl)))
    skill_id = session.execute(
        insert(Skill)
        .values(
            municipality_id=here,
            slug=slug,
            label_nl=clean.label_nl,
            label_en=clean.label_en,
            parent_id=_parent_id(session, here, clean.parent),
            created_at=now,
        )
        .returning(Skill.id)
    ).scalar_one()
    _add_names(session, skill_id, here, nl=(clean.label_nl, *clean.names_nl), en=(clean.label_en, *clean.names_en))
    _record(session, "skill.added", skill_id, slug, actor=actor, now=now)
    return slug


def add_names(session: Session, *, skill_id: int, names: rules.Names, actor: Actor, now: datetime) -> int:
    """Let a skill be found by more words, in this municipality; return how many were new. Raises SkillNotFound."""
    here = rules.municipality_of(actor)
    slug = lock_skill(session, municipality_id=here, skill_id=skill_id)
    added = _add_names(session, skill_id, here, nl=names.nl, en=names.en)
    if added:
        _record(session, "skill.named", skill_id, slug, actor=actor, now=now)
    return added


def lock_skill(session: Session, *, municipality_id: UUID, skill_id: int) -> str:
    """Hold a skill's row until the transaction ends, so that nobody chooses it meanwhile; return its slug.

    Raises SkillNotFound for one of another municipality, and for one that was merged.
    """
    found = session.execute(
        select(Skill.slug)
        .where(
            Skill.id == skill_id,
            Skill.merged_into_id.is_(None),
            Skill.municipality_id.is_(None) | (Skill.municipality_id == municipality_id),
        )
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise rules.SkillNotFound
    return found


def fold_skill(session: Session, *, source_id: int, target_id: int, target_parent_id: int | None) -> None:
    """Make one skill another name of a second. Its words and the narrower skills below it go along.

    `target_parent_id` is the second's own wider skill: what stands below the first then goes there, because nothing
    stands two steps down. Who has it and which roles ask it is told to `curation.operations`, which doors call.
    """
    session.execute(update(Skill).where(Skill.id == source_id).values(merged_into_id=target_id))
    session.execute(
        update(Skill)
        .where(Skill.parent_id == source_id, Skill.id != target_id)
        .values(parent_id=target_parent_id or target_id)
    )
    session.execute(update(Skill).where(Skill.id == target_id, Skill.parent_id == source_id).values(parent_id=None))
    # What was merged into the first before now leads to the second at once.
    session.execute(update(Skill).where(Skill.merged_into_id == source_id).values(merged_into_id=target_id))
    names = select(SkillName.locale, SkillName.name, SkillName.municipality_id).where(SkillName.skill_id == source_id)
    moved = [{**row._asdict(), "skill_id": target_id} for row in session.execute(names)]
    if moved:
        session.execute(insert(SkillName).on_conflict_do_nothing(), moved)


def unfold_skill(session: Session, *, source_id: int, before: rules.Folded) -> None:
    """Make a merged skill one of its own again, with the narrower ones it had, as `before` remembers."""
    session.execute(update(Skill).where(Skill.id == source_id).values(merged_into_id=None))
    if before.children:
        session.execute(update(Skill).where(Skill.id.in_(before.children)).values(parent_id=source_id))
    if before.merged:
        session.execute(update(Skill).where(Skill.id.in_(before.merged)).values(merged_into_id=source_id))
    for locale, name in before.new_names:
        session.execute(
            delete(SkillName).where(
                SkillName.skill_id == before.target_id, SkillName.locale == locale, SkillName.name == name
            )
        )


def _lay(session: Session, concepts: list[Concept]) -> None:
    parents = {
        row.slug: row.id for row in session.execute(select(Skill.slug, Skill.id).where(Skill.municipality_id.is_(None)))
    }
    session.execute(
        insert(Skill).on_conflict_do_nothing(index_elements=[Skill.municipality_id, Skill.slug]),
        [
            {
                "slug": concept.slug,
                "label_nl": concept.label_nl,
                "label_en": concept.label_en,
                "parent_id": parents.get(concept.parent),
            }
            for concept in concepts
        ],
    )


def _parent_id(session: Session, here: UUID, slug: str) -> int | None:
    if not slug:
        return None
    found = session.execute(
        select(Skill.id).where(
            Skill.slug == slug,
            Skill.parent_id.is_(None),
            Skill.merged_into_id.is_(None),
            Skill.municipality_id.is_(None) | (Skill.municipality_id == here),
        )
    ).scalar_one_or_none()
    if found is None:
        raise rules.UnknownParent(field="parent")
    return found


def _add_names(session: Session, skill_id: int, here: UUID, *, nl: Iterable[str], en: Iterable[str]) -> int:
    rows = [
        {"skill_id": skill_id, "locale": locale, "name": name, "municipality_id": here}
        for locale, names in (("nl", nl), ("en", en))
        for name in dict.fromkeys(name.lower() for name in names)
    ]
    if not rows:
        return 0
    added = session.execute(insert(SkillName).values(rows).on_conflict_do_nothing().returning(SkillName.name))
    return len(added.all())


def _record(session: Session, action: str, skill_id: int, slug: str, *, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="municipality",
        subject_id=rules.municipality_of(actor),
        now=now,
        facts={"skill": skill_id, "slug": slug},
    )
