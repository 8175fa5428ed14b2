"""Writing volunteers' profiles."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.municipalities.models import Theme
from crowd.municipalities.queries import postcode_area
from crowd.municipalities.rules import place
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from matching.vocabulary.columns import written
from matching.vocabulary.models import Skill
from matching.vocabulary.rules import UnknownSkill
from matching.volunteers import rules
from matching.volunteers.models import Volunteer, VolunteerCredential, VolunteerSkill, VolunteerTheme


def write_profile(
    session: Session, *, person_id: UUID, municipality_id: UUID, profile: rules.Profile, actor: Actor, now: datetime
) -> None:
    """Store this profile in place of what was there.

    Raises InvalidFields or the one Invalid that is wrong; UnknownPostcode when the area is not in this municipality.
    """
    rules.check_profile(profile, today=local_date(now))
    area = postcode_area(session, municipality_id=municipality_id, pc4=profile.pc4)
    if area is None:
        raise rules.UnknownPostcode(field="pc4", example="1011")
    _check_choices(session, municipality_id=municipality_id, profile=profile)
    ensure_volunteer(session, person_id=person_id, municipality_id=municipality_id, now=now)
    session.execute(
        update(Volunteer)
        .where(Volunteer.person_id == person_id)
        .values(
            pc4=profile.pc4,
            home=written(place(latitude=area.latitude, longitude=area.longitude)),
            radius_km=profile.radius_km,
            languages=profile.languages,
            cells=profile.cells,
            born_on=profile.born_on,
            wants_at_most=profile.wants_at_most,
            is_paused=profile.is_paused,
            edited_at=now,
        )
    )
    _replace_choices(session, person_id=person_id, profile=profile)
    audit.record(
        session, actor=actor, action="volunteer.described", subject_type="person", subject_id=person_id, now=now
    )


def ensure_volunteer(
    session: Session, *, person_id: UUID, municipality_id: UUID, now: datetime, born_on: date | None = None
) -> None:
    """Make sure this person has a row to be placed by. A date of birth only fills what was empty."""
    session.execute(
        insert(Volunteer)
        .values(person_id=person_id, municipality_id=municipality_id, born_on=born_on, created_at=now, edited_at=now)
        .on_conflict_do_nothing(index_elements=[Volunteer.person_id])
    )
    if born_on is not None:
        session.execute(
            update(Volunteer)
            .where(Volunteer.person_id == person_id, Volunteer.born_on.is_(None))
            .values(born_on=born_on)
        )


def lock_volunteer(session: Session, *, person_id: UUID) -> None:
    """Wait until nobody else places this person, and keep it so until the transaction ends.

    Two shifts accepted at once then meet one after the other: the exclusion constraint alone would refuse one of
    them just as well, but could end their meeting in a deadlock. Raises VolunteerNotFound.
    """
    found = session.execute(
        select(Volunteer.person_id).where(Volunteer.person_id == person_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if found is None:
        raise rules.VolunteerNotFound


def record_credential(
    session: Session,
    *,
    volunteer_id: UUID,
    kind: str,
    seen_on: date,
    valid_until: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Record that the actor saw this document of the volunteer; a later look replaces an earlier one."""
    values = {"seen_on": seen_on, "seen_by": actor.person_id, "valid_until": valid_until}
    session.execute(
        insert(VolunteerCredential)
        .values(volunteer_id=volunteer_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=[VolunteerCredential.volunteer_id, VolunteerCredential.kind], set_=values)
    )
    audit.record(
        session,
        actor=actor,
        action="credential.seen",
        subject_type="person",
        subject_id=volunteer_id,
        now=now,
        facts={"kind": kind},
    )


def _check_choices(session: Session, *, municipality_id: UUID, profile: rules.Profile) -> None:
    known = session.scalars(
        select(Skill.id)
        .where(
            Skill.id.in_(profile.skills),
            Skill.merged_into_id.is_(None),
            Skill.municipality_id.is_(None) | (Skill.municipality_id == municipality_id),
        )
        # Whoever merges one of these now waits until this choice is stored, or this waits and then sees the merge.
        .with_for_update(read=True, key_share=True)
    ).all()
    if len(known) != len(profile.skills):
        raise UnknownSkill(field="skills", most=rules.SKILLS_MAX)
    themes = session.scalars(
        select(Theme.id).where(Theme.id.in_(profile.themes), Theme.municipality_id == municipality_id)
    ).all()
    if len(themes) != len(profile.themes):
        raise rules.TooManyThemes(field="themes", most=rules.THEMES_MAX)


def _replace_choices(session: Session, *, person_id: UUID, profile: rules.Profile) -> None:
    session.execute(delete(VolunteerSkill).where(VolunteerSkill.volunteer_id == person_id))
    session.execute(delete(VolunteerTheme).where(VolunteerTheme.volunteer_id == person_id))
    if profile.skills:
        session.execute(
            insert(VolunteerSkill),
            [{"volunteer_id": person_id, "skill_id": skill, "level": lv} for skill, lv in profile.skills.items()],
        )
    if profile.themes:
        session.execute(
            insert(VolunteerTheme), [{"volunteer_id": person_id, "theme_id": theme} for theme in profile.themes]
        )
