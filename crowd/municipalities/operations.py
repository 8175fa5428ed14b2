"""Setting up a municipality and its map. Doing any of it again changes only what differs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.municipalities.models import Municipality, Neighbourhood, PostcodeArea, Theme
from crowd.municipalities.rules import Area, Description, check_area, check_description, check_named, check_tolerance
from crowd.shared import audit
from crowd.shared.actor import Actor, operator


def set_up(session: Session, *, description: Description, now: datetime) -> UUID:
    """Add the municipality with this slug, or bring what is said about it up to date; return its id.

    Raises BadSlug, NameMissing, BadColour.
    """
    check_description(description)
    values = asdict(description)
    adding = insert(Municipality).values(values)
    municipality_id = session.execute(
        adding.on_conflict_do_update(index_elements=[Municipality.slug], set_=values).returning(Municipality.id)
    ).scalar_one()
    audit.record(
        session,
        actor=operator(municipality_id),
        action="municipality.described",
        subject_type="municipality",
        subject_id=municipality_id,
        now=now,
        facts={"slug": description.slug},
    )
    return municipality_id


def set_tolerance(session: Session, *, municipality_id: UUID, percent: int, actor: Actor, now: datetime) -> None:
    """Say by how much less than its minimum a campaign goes through; counts for those that go online from now on.

    Raises ToleranceOutOfRange.
    """
    check_tolerance(percent)
    session.execute(update(Municipality).where(Municipality.id == municipality_id).values(tolerance_percent=percent))
    audit.record(
        session,
        actor=actor,
        action="municipality.tolerance_set",
        subject_type="municipality",
        subject_id=municipality_id,
        now=now,
        facts={"percent": percent},
    )


def add_neighbourhood(session: Session, *, municipality_id: UUID, slug: str, name: str) -> UUID:
    """Add a neighbourhood, or give the one with this slug its new name; return its id. Raises BadSlug, NameMissing."""
    check_named(slug=slug, name=name)
    adding = insert(Neighbourhood).values(municipality_id=municipality_id, slug=slug, name=name.strip())
    return session.execute(
        adding.on_conflict_do_update(
            index_elements=[Neighbourhood.municipality_id, Neighbourhood.slug], set_={"name": adding.excluded.name}
        ).returning(Neighbourhood.id)
    ).scalar_one()


def add_theme(
    session: Session, *, municipality_id: UUID, slug: str, label_nl: str, label_en: str, picture: str
) -> UUID:
    """Add a theme with its labels and the drawing it is shown by, or change them; return its id.

    Raises BadSlug, NameMissing.
    """
    check_named(slug=slug, name=label_nl)
    check_named(slug=slug, name=label_en)
    values = {"label_nl": label_nl, "label_en": label_en, "picture": picture}
    return session.execute(
        insert(Theme)
        .values(municipality_id=municipality_id, slug=slug, **values)
        .on_conflict_do_update(index_elements=[Theme.municipality_id, Theme.slug], set_=values)
        .returning(Theme.id)
    ).scalar_one()


def add_areas(
    session: Session, *, municipality_id: UUID, areas: Sequence[Area], neighbourhood_id: UUID | None = None
) -> None:
    """Add postcode areas, or correct the place and centre of those that are known.

    Known areas keep their neighbourhood when none is given. Raises BadPostcode, PlaceMissing, NotInTheNetherlands.
    """
    for area in areas:
        check_area(area)
    if not areas:
        return
    adding = insert(PostcodeArea)
    known = PostcodeArea.neighbourhood_id
    kept: ColumnElement[UUID | None] = func.coalesce(adding.excluded.neighbourhood_id, known)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=[PostcodeArea.municipality_id, PostcodeArea.pc4],
            set_={
                "place": adding.excluded.place,
                "latitude": adding.excluded.latitude,
                "longitude": adding.excluded.longitude,
                "neighbourhood_id": kept,
            },
        ),
        [
            {
                **asdict(area),
                "place": area.place.strip(),
                "municipality_id": municipality_id,
                "neighbourhood_id": neighbourhood_id,
            }
            for area in areas
        ],
    )
