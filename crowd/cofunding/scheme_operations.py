"""Opening a co-funding scheme. Its rules stand from then on: raising a pot is an act of its own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crowd.cofunding.models import Scheme, SchemeNeighbourhood
from crowd.cofunding.scheme_rules import NewScheme, SchemeIdTaken, SchemeNameTaken
from crowd.municipalities.models import Municipality
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.ids import new_id


def open_scheme(
    session: Session,
    *,
    municipality_id: UUID,
    scheme: NewScheme,
    neighbourhood_ids: Sequence[UUID],
    actor: Actor,
    now: datetime,
    scheme_id: UUID | None = None,
) -> UUID:
    """Add a scheme that `check_scheme` accepted for these neighbourhoods, and return its id.

    The same `scheme_id` and name again is the same scheme. Without an id, a scheme of the same name is left as it
    is and returned; with another one, SchemeNameTaken. The municipality's row keeps two clicks apart.
    """
    session.execute(select(Municipality.id).where(Municipality.id == municipality_id).with_for_update())
    known = {
        name: known_id
        for known_id, name in session.execute(
            select(Scheme.id, Scheme.name).where(Scheme.municipality_id == municipality_id)
        )
    }
    found = known.get(scheme.name)
    if found is not None:
        if scheme_id not in {None, found}:
            raise SchemeNameTaken(field="name")
        return found
    if scheme_id in known.values():
        raise SchemeIdTaken
    scheme_id = session.execute(
        insert(Scheme)
        .values(
            id=scheme_id or new_id(),
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
