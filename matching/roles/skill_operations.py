"""When two skills become one: a role that asked either asks what is left, and requires it when it required either."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased

from matching.roles.models import RoleSkill

# Which role asked the skill, whether it required it, and whether it required the other; None when it did not ask that.
Before = tuple[UUID, bool, bool | None]
_Other = aliased(RoleSkill)


def fold_skill(session: Session, *, source_id: int, target_id: int) -> list[Before]:
    """Let every role with the one skill ask the other instead; return how it was before. Three statements."""
    before: list[Before] = [
        (row.role_id, row.is_required, row.other)
        for row in session.execute(
            select(RoleSkill.role_id, RoleSkill.is_required, _Other.is_required.label("other"))
            .outerjoin(_Other, (_Other.role_id == RoleSkill.role_id) & (_Other.skill_id == target_id))
            .where(RoleSkill.skill_id == source_id)
            .order_by(RoleSkill.role_id)
            .with_for_update(of=RoleSkill)
        )
    ]
    asking = select(RoleSkill.role_id, literal(target_id, Integer), RoleSkill.is_required).where(
        RoleSkill.skill_id == source_id
    )
    moved = insert(RoleSkill).from_select(["role_id", "skill_id", "is_required"], asking)
    session.execute(
        moved.on_conflict_do_update(
            index_elements=[RoleSkill.role_id, RoleSkill.skill_id],
            set_={"is_required": or_(RoleSkill.is_required, moved.excluded.is_required)},
        ),
    )
    session.execute(delete(RoleSkill).where(RoleSkill.skill_id == source_id))
    return before


def unfold_skill(session: Session, *, source_id: int, target_id: int, before: Sequence[Before]) -> None:
    """Let every role ask again what it asked before."""
    asked = {role: (required, other) for role, required, other in before}
    still = set(session.scalars(select(RoleSkill.role_id).where(*_of(target_id, asked))))
    if not still:
        return
    session.execute(
        insert(RoleSkill).on_conflict_do_nothing(),
        [{"role_id": role, "skill_id": source_id, "is_required": asked[role][0]} for role in sorted(still)],
    )
    only_by_merge = [one for one in still if asked[one][1] is None]
    session.execute(delete(RoleSkill).where(*_of(target_id, only_by_merge)))
    only_desired = [one for one in still if asked[one][1] is False]
    session.execute(update(RoleSkill).where(*_of(target_id, only_desired)).values(is_required=False))


def _of(skill_id: int, roles: Iterable[UUID]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # One array however many they are: a list of parameters has an end.
    return (RoleSkill.skill_id == skill_id, RoleSkill.role_id == func.any(literal(list(roles), ARRAY(Uuid))))
