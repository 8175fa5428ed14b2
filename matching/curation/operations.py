"""Making two skills one, without loss, and undoing it."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from crowd.shared import audit
from crowd.shared.actor import Actor
from matching.curation import rules
from matching.curation.models import SkillMerge
from matching.roles import skill_operations as roles
from matching.vocabulary import operations as vocabulary
from matching.vocabulary.queries import folded_before, merged_into, owner_of, parents
from matching.vocabulary.skill_rules import Folded, municipality_of
from matching.volunteers import skill_operations as volunteers


def merge_skills(
    session: Session, *, merge_id: UUID, source_id: int, target_id: int, actor: Actor, now: datetime
) -> None:
    """Make one skill another name of a second: profiles, roles, words and narrower skills go along.

    The same id again changes nothing. How it was before is kept, so that `undo_merge` can put it back. Raises
    SameSkill, SharedSkill (what every municipality shares is never merged away), SkillNotFound.
    """
    if session.get(SkillMerge, merge_id) is not None:
        return
    here = municipality_of(actor)
    rules.check_merge(source_id=source_id, target_id=target_id, owner=owner_of(session, skill_id=source_id))
    # In the order of their ids, so that two merges the other way round cannot wait for each other.
    for skill_id in sorted((source_id, target_id)):
        vocabulary.lock_skill(session, municipality_id=here, skill_id=skill_id)
    words = folded_before(session, source_id=source_id, target_id=target_id)
    wider = parents(session).get(target_id)
    vocabulary.fold_skill(
        session, source_id=source_id, target_id=target_id, target_parent_id=None if wider == source_id else wider
    )
    people = volunteers.fold_skill(session, source_id=source_id, target_id=target_id)
    asked = roles.fold_skill(session, source_id=source_id, target_id=target_id)
    session.execute(
        insert(SkillMerge).values(
            id=merge_id,
            municipality_id=here,
            source_id=source_id,
            target_id=target_id,
            before={
                "words": asdict(words),
                "people": [[str(person), level, other] for person, level, other in people],
                "roles": [[str(role), required, other] for role, required, other in asked],
            },
            merged_at=now,
            merged_by=actor.person_id,
        )
    )
    _record(
        session,
        "skill.merged",
        merge_id,
        {"source": source_id, "target": target_id, "people": len(people), "roles": len(asked)},
        actor=actor,
        now=now,
    )


def undo_merge(session: Session, *, merge_id: UUID, actor: Actor, now: datetime) -> None:
    """Make the two skills two again, for everybody who did not change their own choice since.

    Raises MergeNotFound, or MergedFurther while what it became was merged on.
    """
    merge = session.execute(
        select(SkillMerge)
        .where(
            SkillMerge.id == merge_id,
            SkillMerge.municipality_id == municipality_of(actor),
            SkillMerge.undone_at.is_(None),
        )
        .with_for_update()
    ).scalar_one_or_none()
    if merge is None:
        raise rules.MergeNotFound
    if merged_into(session, skill_id=merge.source_id) != merge.target_id:
        raise rules.MergedFurther
    vocabulary.lock_skill(session, municipality_id=merge.municipality_id, skill_id=merge.target_id)
    words = merge.before["words"]
    vocabulary.unfold_skill(
        session,
        source_id=merge.source_id,
        before=Folded(
            target_id=merge.target_id,
            children=tuple(words["children"]),
            merged=tuple(words["merged"]),
            new_names=tuple((locale, name) for locale, name in words["new_names"]),
        ),
    )
    volunteers.unfold_skill(
        session,
        source_id=merge.source_id,
        target_id=merge.target_id,
        before=[(UUID(person), level, other) for person, level, other in merge.before["people"]],
    )
    roles.unfold_skill(
        session,
        source_id=merge.source_id,
        target_id=merge.target_id,
        before=[(UUID(role), required, other) for role, required, other in merge.before["roles"]],
    )
    session.execute(
        update(SkillMerge).where(SkillMerge.id == merge_id).values(undone_at=now, undone_by=actor.person_id)
    )
    _record(
        session,
        "skill.unmerged",
        merge_id,
        {"source": merge.source_id, "target": merge.target_id},
        actor=actor,
        now=now,
    )


def _record(
    session: Session, action: str, merge_id: UUID, facts: dict[str, int], *, actor: Actor, now: datetime
) -> None:
    audit.record(
        session, actor=actor, action=action, subject_type="skill_merge", subject_id=merge_id, now=now, facts=facts
    )
