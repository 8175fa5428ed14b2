"""Asking for help: adding roles and shifts, changing how many are needed, and counting who takes a place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.municipalities.queries import postcode_area
from crowd.municipalities.rules import Place, place
from crowd.shared import audit
from crowd.shared.actor import Actor
from matching.roles import rules
from matching.roles.models import Role, RoleSkill, Shift
from matching.roles.queries import RoleFacts, role, shift, shift_starts
from matching.vocabulary.columns import written
from matching.vocabulary.models import Skill
from matching.vocabulary.rules import asks, cells_of


def add_role(
    session: Session, *, role_id: UUID, initiative_id: UUID, draft: rules.RoleDraft, actor: Actor, now: datetime
) -> None:
    """Ask for a role on this initiative. The same id with the same content again changes nothing.

    Who may do so is the caller's question (`rules.may_plan`). Raises InitiativeNotFound, NoHelpNow when the
    initiative stopped, OtherContent, and what is wrong with the draft.
    """
    clean = rules.clean_role(draft)
    campaign = campaign_facts(session, initiative_id=initiative_id)
    if campaign.state in rules.STOPPED:
        raise rules.NoHelpNow
    if session.get(Role, role_id) is not None:
        _check_same_role(role(session, role_id=role_id), initiative_id, clean)
        return
    _check_skills(session, clean, municipality_id=campaign.municipality_id)
    session.execute(
        insert(Role).values(
            id=role_id,
            municipality_id=campaign.municipality_id,
            initiative_id=initiative_id,
            created_at=now,
            created_by=actor.person_id,
            **_columns(clean),
        )
    )
    _store_skills(session, role_id=role_id, clean=clean)
    audit.record(
        session,
        actor=actor,
        action="role.added",
        subject_type="role",
        subject_id=role_id,
        now=now,
        facts={"initiative_id": str(initiative_id)},
    )


def add_shift(
    session: Session, *, shift_id: UUID, role_id: UUID, draft: rules.ShiftDraft, actor: Actor, now: datetime
) -> None:
    """Plan a shift of this role. The same id with the same content again changes nothing.

    Raises RoleNotFound, NoHelpNow, TooManyShifts, OtherContent, UnknownPostcode and what is wrong with the draft.
    """
    starts_at, ends_at = rules.check_shift(draft, now=now)
    asked = role(session, role_id=role_id)
    campaign = campaign_facts(session, initiative_id=asked.initiative_id)
    if campaign.state in rules.STOPPED:
        raise rules.NoHelpNow
    where = _place(session, asked, draft.pc4)
    values = {
        "role_id": role_id,
        "during": Range(starts_at, ends_at, bounds="[)"),
        "capacity": draft.capacity,
        "minimum_crew": draft.minimum_crew,
        "pc4": draft.pc4 if where else None,
        "meeting_point": draft.meeting_point.strip(),
    }
    known = session.get(Shift, shift_id)
    if known is not None:
        if any(getattr(known, name) != value for name, value in values.items()):
            raise rules.OtherContent
        return
    planned = session.execute(
        select(func.count()).select_from(Shift).where(Shift.initiative_id == asked.initiative_id)
    ).scalar_one()
    if planned >= rules.SHIFTS_MAX:
        raise rules.TooManyShifts(most=rules.SHIFTS_MAX)
    session.execute(
        insert(Shift).values(
            id=shift_id,
            municipality_id=asked.municipality_id,
            initiative_id=asked.initiative_id,
            place=written(where),
            asks=asks(cells=cells_of(starts_at, ends_at), languages=asked.required_languages),
            created_at=now,
            created_by=actor.person_id,
            **values,
        )
    )
    audit.record(
        session,
        actor=actor,
        action="shift.added",
        subject_type="shift",
        subject_id=shift_id,
        now=now,
        facts={"initiative_id": str(asked.initiative_id), "capacity": draft.capacity},
    )


def change_people(
    session: Session,
    *,
    shift_id: UUID,
    capacity: int,
    minimum_crew: int,
    meeting_point: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change how many people a shift has places for, and where they meet. Not its time: people said yes to that.

    Raises ShiftNotFound, ShiftIsCancelled, ShiftIsOver, BadCapacity, BadCrew, CapacityBelowAccepted.
    """
    lock_shift(session, shift_id=shift_id)
    line = shift(session, shift_id=shift_id)
    rules.check_is_ahead(line.cancelled_at, line.starts_at, now=now)
    rules.check_people(capacity=capacity, minimum_crew=minimum_crew, filled=line.filled)
    if len(meeting_point.strip()) > rules.MEETING_POINT_MAX:
        raise rules.MeetingPointTooLong(field="meeting_point", most=rules.MEETING_POINT_MAX)
    session.execute(
        update(Shift)
        .where(Shift.id == shift_id)
        .values(capacity=capacity, minimum_crew=minimum_crew, meeting_point=meeting_point.strip())
    )
    audit.record(
        session,
        actor=actor,
        action="shift.changed",
        subject_type="shift",
        subject_id=shift_id,
        now=now,
        facts={"capacity": capacity, "minimum_crew": minimum_crew},
    )


def mark_cancelled(session: Session, *, shift_id: UUID, actor: Actor, now: datetime, reason: str) -> None:
    """Call a shift off. Its people are told by `placements.shift_operations.cancel_shift`, which is what doors call.

    Raises ShiftNotFound, ShiftIsCancelled, ShiftIsOver.
    """
    lock_shift(session, shift_id=shift_id)
    line = shift(session, shift_id=shift_id)
    rules.check_is_ahead(line.cancelled_at, line.starts_at, now=now)
    session.execute(update(Shift).where(Shift.id == shift_id).values(cancelled_at=now))
    audit.record(
        session,
        actor=actor,
        action="shift.cancelled",
        subject_type="shift",
        subject_id=shift_id,
        now=now,
        facts={"reason": reason},
    )


_TAKE = (
    update(Shift)
    .where(
        Shift.id == bindparam("shift"),
        Shift.filled < Shift.capacity,
        Shift.cancelled_at.is_(None),
        shift_starts > bindparam("now"),
    )
    .values(filled=Shift.filled + 1)
    .returning(Shift.id)
)
_FREE = update(Shift).where(Shift.id == bindparam("shift")).values(filled=Shift.filled - 1)
_LOCK = select(Shift.id).where(Shift.id == bindparam("shift")).with_for_update(key_share=True)


def take_place(session: Session, *, shift_id: UUID, now: datetime) -> bool:
    """Take one place and return True; False when there is none left. One statement, so the last seat goes once.

    It holds the shift's row until the transaction ends.
    """
    return session.execute(_TAKE, {"shift": shift_id, "now": now}).scalar_one_or_none() is not None


def free_place(session: Session, *, shift_id: UUID) -> None:
    """Give one place back."""
    session.execute(_FREE, {"shift": shift_id})


def lock_shift(session: Session, *, shift_id: UUID) -> None:
    """Hold the shift's row until the transaction ends: whoever changes its placements does. Raises ShiftNotFound."""
    if session.execute(_LOCK, {"shift": shift_id}).scalar_one_or_none() is None:
        raise rules.ShiftNotFound


def _check_same_role(known: RoleFacts, initiative_id: UUID, clean: rules.RoleDraft) -> None:
    same = rules.RoleDraft(
        title=known.title,
        description=known.description,
        required_skills=frozenset(skill[0] for skill in known.skills if skill[4]),
        desired_skills=frozenset(skill[0] for skill in known.skills if not skill[4]),
        required_languages=known.required_languages,
        desired_languages=known.desired_languages,
        minimum_age=known.minimum_age,
        needs_credential=known.needs_credential,
        is_remote=known.is_remote,
    )
    if known.initiative_id != initiative_id or same != clean:
        raise rules.OtherContent


def _check_skills(session: Session, clean: rules.RoleDraft, *, municipality_id: UUID) -> None:
    wanted = clean.required_skills | clean.desired_skills
    known = session.scalars(
        select(Skill.id)
        .where(
            Skill.id.in_(wanted),
            Skill.merged_into_id.is_(None),
            Skill.municipality_id.is_(None) | (Skill.municipality_id == municipality_id),
        )
        # Whoever merges one of these now waits until this choice is stored, or this waits and then sees the merge.
        .with_for_update(read=True, key_share=True)
    ).all()
    if len(known) != len(wanted):
        raise rules.TooManySkills(field="skills", most=rules.SKILLS_MAX)


def _columns(clean: rules.RoleDraft) -> dict[str, object]:
    return {
        "title": clean.title,
        "description": clean.description,
        "required_languages": clean.required_languages,
        "desired_languages": clean.desired_languages,
        "minimum_age": clean.minimum_age,
        "needs_credential": clean.needs_credential,
        "is_remote": clean.is_remote,
    }


def _store_skills(session: Session, *, role_id: UUID, clean: rules.RoleDraft) -> None:
    rows = [
        {"role_id": role_id, "skill_id": skill, "is_required": skill in clean.required_skills}
        for skill in sorted(clean.required_skills | clean.desired_skills)
    ]
    if rows:
        session.execute(insert(RoleSkill), rows)


def _place(session: Session, asked: RoleFacts, pc4: str) -> Place | None:
    if asked.is_remote:
        return None
    area = postcode_area(session, municipality_id=asked.municipality_id, pc4=pc4)
    if area is None:
        raise rules.UnknownPostcode(field="pc4", example="1011")
    return place(latitude=area.latitude, longitude=area.longitude)
