"""Reading organisations: whose they are, and what they are called."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation, and who answers for it."""

    id: UUID
    municipality_id: UUID
    name: str
    claimed_by: UUID | None


_ORGANISATION = select(Organisation.id, Organisation.municipality_id, Organisation.name, Organisation.claimed_by)


def organisation(session: Session, *, organisation_id: UUID) -> OrganisationRow | None:
    """Return one organisation, or None when there is none with this id."""
    row = session.execute(_ORGANISATION.where(Organisation.id == organisation_id)).first()
    return OrganisationRow(**row._asdict()) if row else None


def organisations_of(session: Session, *, person_id: UUID) -> list[OrganisationRow]:
    """Return the organisations this person answers for, by name."""
    rows = session.execute(_ORGANISATION.where(Organisation.claimed_by == person_id).order_by(Organisation.name))
    return [OrganisationRow(**row._asdict()) for row in rows]
