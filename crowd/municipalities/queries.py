"""Reading the municipality and its map."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session

from crowd.municipalities.models import Municipality, Neighbourhood, PostcodeArea, Theme


@dataclass(frozen=True, slots=True)
class MunicipalityFacts:
    """What every page shows of the municipality."""

    id: UUID
    slug: str
    name: str
    site_name: str
    phone: str
    visiting_address: str
    email: str
    brand_colour: str
    accent_colour: str


_MUNICIPALITY = select(
    Municipality.id,
    Municipality.slug,
    Municipality.name,
    Municipality.site_name,
    Municipality.phone,
    Municipality.visiting_address,
    Municipality.email,
    Municipality.brand_colour,
    Municipality.accent_colour,
).order_by(Municipality.id)


def the_municipality(session: Session) -> MunicipalityFacts | None:
    """Return the municipality this installation serves: its first, or None before it was set up."""
    row = session.execute(_MUNICIPALITY).first()
    return MunicipalityFacts(*row) if row else None


def neighbourhoods(session: Session, *, municipality_id: UUID) -> list[tuple[UUID, str, str]]:
    """Return (id, slug, name) of every neighbourhood, by name."""
    found = session.execute(
        select(Neighbourhood.id, Neighbourhood.slug, Neighbourhood.name)
        .where(Neighbourhood.municipality_id == municipality_id)
        .order_by(Neighbourhood.name)
    )
    return [(row.id, row.slug, row.name) for row in found]


def themes(session: Session, *, municipality_id: UUID) -> list[Theme]:
    """Return every theme, by its Dutch label."""
    return list(session.scalars(select(Theme).where(Theme.municipality_id == municipality_id).order_by(Theme.label_nl)))


def postcode_area(session: Session, *, municipality_id: UUID, pc4: str) -> PostcodeArea | None:
    """Return the postcode area `pc4` of this municipality, or None."""
    return session.get(PostcodeArea, (municipality_id, pc4))


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be filtered by: (slug, Dutch, English) of themes, (slug, name) of neighbourhoods."""

    themes: tuple[tuple[str, str, str], ...]
    neighbourhoods: tuple[tuple[str, str], ...]


_CHOICES = (
    select(literal("theme").label("kind"), Theme.slug, Theme.label_nl, Theme.label_en)
    .where(Theme.municipality_id == bindparam("municipality_id"))
    .union_all(
        select(literal("neighbourhood"), Neighbourhood.slug, Neighbourhood.name, Neighbourhood.name).where(
            Neighbourhood.municipality_id == bindparam("municipality_id")
        )
    )
    .order_by("label_nl")
)


def choices(session: Session, *, municipality_id: UUID) -> Choices:
    """Return every theme and neighbourhood, by name, in one statement."""
    rows = session.execute(_CHOICES, {"municipality_id": municipality_id}).all()
    return Choices(
        themes=tuple((slug, nl, en) for kind, slug, nl, en in rows if kind == "theme"),
        neighbourhoods=tuple((slug, name) for kind, slug, name, _ in rows if kind == "neighbourhood"),
    )
