"""Opening a co-funding scheme. Its rules stand from then on: raising a pot is an act of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crowd.cofunding.models import Scheme, SchemeNeighbourhood
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScheme:
    """A scheme as it was decided on: `ratio_percent` cents per 100 of a gift, within two caps and a pot."""

    name: str
    legal_basis: str
    ratio_percent: int
    donor_cap: Money
    project_cap: Money
    pot: Money
    opens_on: date
    closes_on: date


def open_scheme(
    session: Session,
    *,
    municipality_id: UUID,
    scheme: NewScheme,
    neighbourhood_ids: Sequence[UUID],
    actor: Actor,
    now: datetime,
) -> UUID:
    """Add a scheme for these neighbourhoods and return its id; one of the same name is left as it is."""
    found = session.execute(
        select(Scheme.id).where(Scheme.municipality_id == municipality_id, Scheme.name == scheme.name)
    ).scalar_one_or_none()
    if found is not None:
        return found
    scheme_id = session.execute(
        insert(Scheme)
        .values(
            municipality_id=municipality_id,
            name=scheme.name,
            legal_basis=scheme.legal_basis,
            ratio_percent=scheme.ratio_percent,
            donor_cap_cents=scheme.donor_cap.cents,
            project_cap_cents=scheme.project_cap.cents,
            pot_cents=scheme.pot.cents,
            opens_on=scheme.opens_on,
            closes_on=scheme.closes_on,
        )
        .returning(Scheme.id)
    ).scalar_one()
    if neighbourhood_ids:
        session.execute(
            insert(SchemeNeighbourhood),
            [{"scheme_id": scheme_id, "neighbourhood_id": place} for place in neighbourhood_ids],
        )
    audit.record(
        session,
        actor=actor,
        action="scheme.opened",
        subject_type="scheme",
        subject_id=scheme_id,
        now=now,
        facts={"pot_cents": scheme.pot.cents, "ratio_percent": scheme.ratio_percent},
    )
    return scheme_id
