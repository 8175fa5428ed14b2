"""Reading back what was taken over from a register."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Neighbourhood


@dataclass(frozen=True, slots=True)
class Imported:
    """An initiative that came from a register. `reference` is its dossier number there."""

    id: UUID
    reference: str
    slug: str
    state: str
    minimum_cents: int
    ends_on: date | None
    live_at: datetime | None
    organisation: str
    neighbourhood: str


def imported(session: Session, *, municipality_id: UUID, references: Collection[str]) -> list[Imported]:
    """Return the initiatives of these dossiers that are known, in the order of their numbers."""
    found = session.execute(
        select(
            Initiative.id,
            Initiative.external_reference,
            Initiative.slug,
            Initiative.state,
            Initiative.minimum_cents,
            Initiative.ends_on,
            Initiative.live_at,
            Organisation.name,
            Neighbourhood.name,
        )
        .outerjoin(Organisation, Organisation.id == Initiative.organisation_id)
        .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
        .where(
            Initiative.municipality_id == municipality_id,
            Initiative.external_reference.in_(list(references)),
        )
        .order_by(Initiative.external_reference)
    )
    return [
        Imported(
            id=row[0],
            reference=row[1] or "",
            slug=row[2],
            state=row[3],
            minimum_cents=row[4] or 0,
            ends_on=row[5],
            live_at=row[6],
            organisation=row[7] or "",
            neighbourhood=row[8] or "",
        )
        for row in found
    ]
