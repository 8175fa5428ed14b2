"""When two skills become one: whoever had either has what is left, at the better of both levels."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased

from matching.volunteers.models import VolunteerSkill

# Who had the skill, at which level, and at which level the other; None when they did not.
Before = tuple[UUID, int, int | None]
_Other = aliased(VolunteerSkill)


def fold_skill(session: Session, *, source_id: int, target_id: int) -> list[Before]:
    """Give everybody with the one skill the other instead; return how it was before. Three statements."""
    before: list[Before] = [
        (row.volunteer_id, row.level, row.other)
        for row in session.execute(
            select(VolunteerSkill.volunteer_id, VolunteerSkill.level, _Other.level.label("other"))
            .outerjoin(_Other, (_Other.volunteer_id == VolunteerSkill.volunteer_id) & (_Other.skill_id == target_id))
            .where(VolunteerSkill.skill_id == source_id)
            .order_by(VolunteerSkill.volunteer_id)
            .with_for_update(of=VolunteerSkill)
        )
    ]
    having = select(VolunteerSkill.volunteer_id, literal(target_id, Integer), VolunteerSkill.level).where(
        VolunteerSkill.skill_id == source_id
    )
    moved = insert(VolunteerSkill).from_select(["volunteer_id", "skill_id", "level"], having)
    session.execute(
        moved.on_conflict_do_update(
            index_elements=[VolunteerSkill.volunteer_id, VolunteerSkill.skill_id],
            set_={"level": func.greatest(VolunteerSkill.level, moved.excluded.level)},
        ),
    )
    session.execute(delete(VolunteerSkill).where(VolunteerSkill.skill_id == source_id))
    return before


def unfold_skill(session: Session, *, source_id: int, target_id: int, before: Sequence[Before]) -> None:
    """Give everybody back what they had before, save who dropped or changed it themselves since."""
    levels = {volunteer: (level, other) for volunteer, level, other in before}
    now = session.execute(
        select(VolunteerSkill.volunteer_id, VolunteerSkill.level).where(*_of(target_id, levels)).with_for_update()
    ).all()
    if not now:
        return
    kept = {row.volunteer_id: levels[row.volunteer_id] for row in now}
    # Who has it at another level than the merge left behind has said so since: that stays beside what comes back.
    untouched = {row.volunteer_id for row in now if row.level == max(filter(None, levels[row.volunteer_id]))}
    session.execute(
        insert(VolunteerSkill).on_conflict_do_nothing(),
        [{"volunteer_id": one, "skill_id": source_id, "level": level} for one, (level, _other) in kept.items()],
    )
    only_by_merge = [one for one in untouched if kept[one][1] is None]
    session.execute(delete(VolunteerSkill).where(*_of(target_id, only_by_merge)))
    for was in (1, 2, 3):
        people = [one for one in untouched if kept[one][1] == was]
        session.execute(update(VolunteerSkill).where(*_of(target_id, people)).values(level=was))


def _of(skill_id: int, people: Iterable[UUID]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # One array however many they are: a list of parameters has an end.
    return (
        VolunteerSkill.skill_id == skill_id,
        VolunteerSkill.volunteer_id == func.any(literal(list(people), ARRAY(Uuid))),
    )
