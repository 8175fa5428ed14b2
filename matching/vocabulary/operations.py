"""Laying the vocabulary down. Adding to it again changes nothing but what is new."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from matching.vocabulary.concepts import CONCEPTS
from matching.vocabulary.models import Skill, SkillName


def lay_skills(session: Session) -> int:
    """Store every concept of `concepts.py` that is not there yet, with its names; return how many are stored now.

    Repeatable: an installation calls it at every start, so a new version's concepts arrive by themselves.
    """
    for concept in CONCEPTS:
        parent = select(Skill.id).where(Skill.slug == concept.parent, Skill.municipality_id.is_(None))
        session.execute(
            insert(Skill)
            .values(
                slug=concept.slug,
                label_nl=concept.label_nl,
                label_en=concept.label_en,
                parent_id=parent.scalar_subquery() if concept.parent else None,
            )
            .on_conflict_do_nothing(index_elements=[Skill.municipality_id, Skill.slug])
        )
    stored = {
        row.slug: row.id for row in session.execute(select(Skill.slug, Skill.id).where(Skill.municipality_id.is_(None)))
    }
    names = [
        {"skill_id": stored[concept.slug], "locale": locale, "name": name.lower()}
        for concept in CONCEPTS
        for locale, names in (
            ("nl", (concept.label_nl, *concept.synonyms_nl)),
            ("en", (concept.label_en, *concept.synonyms_en)),
        )
        for name in dict.fromkeys(names)
    ]
    session.execute(insert(SkillName).on_conflict_do_nothing(), names)
    return session.execute(select(func.count()).select_from(Skill)).scalar_one()
