"""Organisations that launch initiatives: known by name, unclaimed until a person answers for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation
from crowd.accounts.rules import OrganisationTaken, organisation_name
from crowd.shared import audit
from crowd.shared.actor import Actor


def find_or_add_organisation(session: Session, *, municipality_id: UUID, name: str) -> UUID:
    """Return the id of the organisation with this name, added now when there was none. Two at once give one."""
    wanted = (Organisation.municipality_id == municipality_id, Organisation.name == name)
    made = session.execute(
        insert(Organisation)
        .values(municipality_id=municipality_id, name=name)
        .on_conflict_do_nothing(index_elements=[Organisation.municipality_id, Organisation.name])
        .returning(Organisation.id)
    ).scalar_one_or_none()
    return made or session.execute(select(Organisation.id).where(*wanted)).scalar_one()


def register_organisation(session: Session, *, name: str, actor: Actor, now: datetime) -> UUID:
    """Add an organisation that this person answers for, and return its id; the same person twice gets the same one.

    Raises OrganisationNameMissing, and OrganisationTaken for a name that is known already: a clerk looks into that.
    """
    wanted = organisation_name(name)
    if actor.municipality_id is None or actor.person_id is None:
        raise OrganisationTaken
    made = session.execute(
        insert(Organisation)
        .values(municipality_id=actor.municipality_id, name=wanted)
        .on_conflict_do_nothing(index_elements=[Organisation.municipality_id, Organisation.name])
        .returning(Organisation.id)
    ).scalar_one_or_none()
    if made is not None:
        claim_organisation(session, organisation_id=made, person_id=actor.person_id, actor=actor, now=now)
        return made
    found = session.execute(
        select(Organisation.id, Organisation.claimed_by).where(
            Organisation.municipality_id == actor.municipality_id, Organisation.name == wanted
        )
    ).one()
    if found.claimed_by != actor.person_id:
        raise OrganisationTaken(field="name")
    known: UUID = found.id
    return known


def claim_organisation(
    session: Session, *, organisation_id: UUID, person_id: UUID, actor: Actor, now: datetime
) -> None:
    """Let this person answer for an organisation that nobody answers for; a claimed one stays as it is."""
    claimed = session.execute(
        update(Organisation)
        .where(Organisation.id == organisation_id, Organisation.claimed_by.is_(None))
        .values(claimed_by=person_id, claimed_at=now)
        .returning(Organisation.id)
    ).scalar_one_or_none()
    if claimed is not None:
        audit.record(
            session,
            actor=actor,
            action="organisation.claimed",
            subject_type="organisation",
            subject_id=organisation_id,
            now=now,
        )
